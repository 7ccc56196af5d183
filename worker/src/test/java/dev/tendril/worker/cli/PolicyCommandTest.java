package dev.tendril.worker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.Turns;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class PolicyCommandTest {
    @TempDir Path folder;
    private final StringWriter out = new StringWriter();

    /// Answers as the tools would; they have tests of their own.
    private static final class Questions implements PolicyQuestions {
        @Override
        public List<String> tools(Path dataDir, Policy policy, Role role) {
            return policy.of(role).tools().stream().sorted().toList();
        }

        @Override
        public Answer explain(
                Path dataDir, Policy policy, Role role, String tool, String arguments) {
            boolean shown = policy.shows(role, tool);
            return new Answer(shown, tool + arguments + (shown ? " allowed" : " not allowed"));
        }
    }

    private int run(String... arguments) {
        PolicyCommand command = new PolicyCommand(new Questions());
        command.world(Map.of("TENDRIL_WORKER_DATA_DIR", folder.toString()));
        return new CommandLine(command)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(new PrintWriter(out))
                .setErr(new PrintWriter(out))
                .setExecutionExceptionHandler((e, line, _) -> {
                    line.getErr().println(e.getMessage());
                    return e instanceof CannotStart known ? known.exit() : 99;
                })
                .execute(arguments);
    }

    @Test
    void showsWhatEachRoleMayDo() throws Exception {
        Turns.policy(folder, "roles: {operator: {tools: [grep], programs: [git, make]}}");
        assertEquals(Exit.OK, run("check"));
        String text = out.toString();
        assertTrue(text.contains("policy.yml"), text);
        assertTrue(text.contains("operator\n  tools     grep\n"), text);
        assertTrue(text.contains("programs  git, make"), text);
        assertTrue(text.contains("8 steps, 8 tool calls, 8000 tokens, 120 s"), text);
    }

    @Test
    void saysWhereAPolicyIsWrong() throws Exception {
        Path file = folder.resolve("other.yml");
        java.nio.file.Files.writeString(file, "roles:\n  vistor: {}\n");
        java.nio.file.Files.setPosixFilePermissions(
                file, java.nio.file.attribute.PosixFilePermissions.fromString("rw-------"));
        assertEquals(Exit.USAGE, run("check", "--policy", file.toString()));
        assertTrue(out.toString().contains("other.yml:2"), out.toString());
        assertTrue(out.toString().contains("did you mean visitor?"), out.toString());
    }

    @Test
    void explainsACall() {
        assertEquals(Exit.OK, run("explain", "recall", "{}"));
        assertEquals(Exit.BROKEN, run("explain", "run_command", "{\"a\":1}", "--role", "operator"));
        assertTrue(
                out.toString().contains("operator run_command: run_command{\"a\":1} not allowed"));
    }
}
