package dev.tendril.worker.tool.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.ToolTurn;
import dev.tendril.worker.tool.Turns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Real programs. What the policy of these tests allows (`sh`) is more than any real one should.
@Timeout(60)
class RunCommandToolTest {
    private static final String CANARY = "canary-77aa";

    @TempDir Path base;
    private Path root;

    enum Mode {
        SANDBOX,
        BARE
    }

    @BeforeEach
    void folders() throws Exception {
        base = base.toRealPath();
        root = Files.createDirectories(base.resolve("site"));
        Files.createDirectories(root.resolve("sub"));
        Files.writeString(base.resolve("secret.txt"), CANARY);
    }

    private Policy policy(String sandbox) throws Exception {
        return Turns.policy(
                base.resolve("rules"),
                """
                roles:
                  operator:
                    tools: [run_command]
                    write: [%s]
                    programs: [sh, cat, echo, env, sleep, ls, yes, pwd, no-such-program, setsid]
                    sandbox: %s
                """
                        .formatted(root, sandbox));
    }

    private RunCommandTool tool(Mode mode) throws Exception {
        if (mode == Mode.BARE) {
            return RunCommandTool.withoutSandbox(policy("off"));
        }
        assumeTrue(Bubblewrap.find() != null, "bubblewrap does not work here");
        return RunCommandTool.of(policy("required"));
    }

    private ToolOutcome call(Mode mode, String command, List<String> args, Object... more)
            throws Exception {
        RunCommandTool tool = tool(mode);
        ToolTurn turn =
                Turns.turn(
                        List.of(tool),
                        policy(mode == Mode.BARE ? "off" : "required"),
                        Role.OPERATOR);
        Map<String, Object> arguments =
                new LinkedHashMap<>(Map.of("command", command, "args", args));
        for (int i = 0; i < more.length; i += 2) {
            arguments.put((String) more[i], more[i + 1]);
        }
        return Turns.call(turn, "run_command", arguments);
    }

    private static Map<?, ?> ok(ToolOutcome outcome) {
        return (Map<?, ?>)
                assertInstanceOf(ToolOutcome.Ok.class, outcome, outcome::forModel).value();
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void runsOneProgramWithoutAShell(Mode mode) throws Exception {
        Map<?, ?> answer = ok(call(mode, "echo", List.of("$HOME", "*", ";", "id", "`id`", "a b")));
        assertEquals("$HOME * ; id `id` a b\n", answer.get("stdout"));
        assertEquals(0, answer.get("exit_code"));
        assertEquals(false, answer.get("timed_out"));
        assertEquals(
                root + "/sub\n",
                ok(call(mode, "pwd", List.of(), "directory", "sub")).get("stdout"));
        Map<?, ?> failing = ok(call(mode, "sh", List.of("-c", "echo out; echo err >&2; exit 7")));
        assertEquals(7, failing.get("exit_code"));
        assertEquals("out\n", failing.get("stdout"));
        assertEquals("err\n", failing.get("stderr"));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void theEnvironmentIsMadeFromNothing(Mode mode) throws Exception {
        List<String> names =
                ok(call(mode, "env", List.of()))
                        .get("stdout")
                        .toString()
                        .lines()
                        .map(l -> l.substring(0, l.indexOf('=')))
                        .filter(n -> !n.equals("PWD"))
                        .sorted()
                        .toList();
        assertEquals(List.of("HOME", "LANG", "PATH", "TENDRIL_CALL", "TERM"), names);
    }

    @Test
    void programsOffTheListAndPathsAreDenied() throws Exception {
        for (String command :
                List.of("rm", "/bin/sh", "./sh", "../sh", "bash", "sh ", "SH", "sh\u0000", "-c")) {
            ToolOutcome outcome = call(Mode.BARE, command, List.of());
            assertEquals(
                    "operator.programs",
                    assertInstanceOf(ToolOutcome.Denied.class, outcome, command).rule());
        }
        assertEquals("not_found", ok(call(Mode.BARE, "no-such-program", List.of())).get("error"));
    }

    @Test
    void theDirectoryStaysInside() throws Exception {
        Files.createSymbolicLink(root.resolve("out"), base);
        for (String directory : List.of("..", "/", "/etc", "sub/../..", "out", "nowhere")) {
            ToolOutcome outcome = call(Mode.BARE, "pwd", List.of(), "directory", directory);
            assertFalse(outcome.ok(), directory + outcome.forModel());
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void outputBeyondTheCapIsDrainedWithHeadAndTailKept(Mode mode) throws Exception {
        Map<?, ?> answer =
                ok(
                        call(
                                mode,
                                "sh",
                                List.of(
                                        "-c",
                                        "echo HEAD; yes | head -c 100000000; echo TAIL; echo ERR >&2")));
        String out = answer.get("stdout").toString();
        assertTrue(out.startsWith("HEAD\n") && out.endsWith("TAIL\n"), out.substring(0, 20));
        assertTrue(out.length() < 33_000, out.length() + "");
        assertEquals(true, answer.get("truncated"));
        assertEquals("ERR\n", answer.get("stderr"));
        assertEquals(0, answer.get("exit_code"));
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void endlessOutputEndsWithTheTime(Mode mode) throws Exception {
        long start = System.nanoTime();
        Map<?, ?> answer = ok(call(mode, "yes", List.of(), "timeout_ms", 500));
        assertEquals(true, answer.get("timed_out"));
        assertEquals(-1, answer.get("exit_code"));
        assertTrue(System.nanoTime() - start < 6_000_000_000L);
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void binaryAndEscapesBecomePlainText(Mode mode) throws Exception {
        Map<?, ?> answer =
                ok(
                        call(
                                mode,
                                "sh",
                                List.of("-c", "printf 'a\\033[31mb\\000\\377\\033]0;t\\007c'")));
        assertEquals("ab\uFFFDc", answer.get("stdout"));
    }

    /// Each way to stay behind: ignoring TERM, background, an own session, a double fork.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "trap '' TERM; sleep 3611",
                "sleep 3612 & sleep 3612",
                "setsid sleep 3613 & sleep 3613",
                "(setsid sh -c 'sleep 3614 & sleep 3614' &) ; sleep 3614",
                "trap '' TERM; (trap '' TERM; setsid sleep 3615) & while :; do :; done"
            })
    void nothingSurvivesATimeout(String script) throws Exception {
        String mark = script.replaceAll(".*sleep (\\d{4}).*", "$1");
        for (Mode mode : Mode.values()) {
            Map<?, ?> answer = ok(call(mode, "sh", List.of("-c", script), "timeout_ms", 400));
            assertEquals(true, answer.get("timed_out"));
            await(() -> !running(mark), "a process survived: " + mode + " " + script);
        }
    }

    @ParameterizedTest
    @EnumSource(Mode.class)
    void nothingStaysInTheBackgroundAfterAGoodEnd(Mode mode) throws Exception {
        long start = System.nanoTime();
        Map<?, ?> answer =
                ok(call(mode, "sh", List.of("-c", "sleep 3621 & setsid sleep 3621 & echo done")));
        assertEquals("done\n", answer.get("stdout"));
        assertTrue(System.nanoTime() - start < 10_000_000_000L, "waited for the background");
        await(() -> !running("3621"), "a background process survived");
    }

    @Test
    void stoppingTheTurnEndsTheProgram() throws Exception {
        RunCommandTool tool = tool(Mode.BARE);
        ToolTurn turn = Turns.turn(List.of(tool), policy("off"), Role.OPERATOR);
        AtomicReference<Exception> thrown = new AtomicReference<>();
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                Turns.call(
                                        turn,
                                        "run_command",
                                        Map.of("command", "sleep", "args", List.of("3631")));
                            } catch (InterruptedException e) {
                                thrown.set(e);
                            }
                        });
        await(() -> running("3631"), "it never started");
        thread.interrupt();
        assertTrue(thread.join(Duration.ofSeconds(4)));
        assertInstanceOf(InterruptedException.class, thrown.get());
        await(() -> !running("3631"), "it was not ended");
    }

    @Test
    void theSandboxHidesEverythingButItsDirectories() throws Exception {
        Files.writeString(root.resolve("mine.txt"), "mine");
        assertEquals("mine", ok(call(Mode.SANDBOX, "cat", List.of("mine.txt"))).get("stdout"));
        for (String path :
                List.of(
                        base.resolve("secret.txt").toString(),
                        base.resolve("rules/policy.yml").toString(),
                        "/etc/shadow",
                        "/root/.bashrc",
                        "/proc/1/environ")) {
            Map<?, ?> answer = ok(call(Mode.SANDBOX, "cat", List.of(path)));
            assertFalse(answer.get("stdout").toString().contains(CANARY));
            if (!path.startsWith("/proc")) {
                assertEquals(1, answer.get("exit_code"), path);
            }
        }
        ok(
                call(
                        Mode.SANDBOX,
                        "sh",
                        List.of("-c", "echo x > made.txt; echo x > /usr/x; echo x > /tmp/x")));
        assertTrue(Files.exists(root.resolve("made.txt")));
        assertFalse(Files.exists(Path.of("/usr/x")));
    }

    @Test
    void theSandboxHasNoNetwork() throws Exception {
        String devices =
                ok(call(Mode.SANDBOX, "cat", List.of("/proc/net/dev"))).get("stdout").toString();
        List<String> names =
                devices.lines()
                        .filter(line -> line.contains(":"))
                        .map(line -> line.substring(0, line.indexOf(':')).strip())
                        .toList();
        assertEquals(List.of("lo"), names);
    }

    @Test
    void aRequiredSandboxThatIsNotThereMeansNoCommand() throws Exception {
        Policy required = policy("required");
        ToolTurn turn =
                Turns.turn(
                        List.of(RunCommandTool.withoutSandbox(required)), required, Role.OPERATOR);
        ToolOutcome outcome = Turns.call(turn, "run_command", Map.of("command", "pwd"));
        assertEquals("command.sandbox", assertInstanceOf(ToolOutcome.Denied.class, outcome).rule());
    }

    private static boolean running(String seconds) {
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                try {
                    String line = Files.readString(process.resolve("cmdline"));
                    if (line.startsWith("sleep\0" + seconds)
                            || line.contains("/sleep\0" + seconds)) {
                        return true;
                    }
                } catch (IOException e) {
                    // It has ended meanwhile.
                }
            }
            return false;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void await(BooleanSupplier condition, String otherwise) {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, otherwise);
            Thread.onSpinWait();
        }
    }
}
