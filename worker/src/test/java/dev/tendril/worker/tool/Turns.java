package dev.tendril.worker.tool;

import dev.tendril.worker.policy.BadPolicy;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.PolicyFile;
import dev.tendril.worker.policy.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;

/// Turns for tests: a real policy file, real tools, one call at a time.
public final class Turns {
    private Turns() {}

    public static Policy policy(Path folder, String yaml) throws IOException, BadPolicy {
        Path rules = Files.createDirectories(folder);
        Files.setPosixFilePermissions(rules, PosixFilePermissions.fromString("rwx------"));
        Path file = rules.resolve("policy.yml");
        Files.writeString(file, yaml);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return PolicyFile.load(file);
    }

    public static ToolContext context(Role role) {
        return new ToolContext(role, "visitor-1", "chat-1", "turn-1", true, List.of());
    }

    public static ToolTurn turn(List<Tool> tools, Policy policy, Role role) {
        return turn(tools, policy, context(role));
    }

    public static ToolTurn turn(List<Tool> tools, Policy policy, ToolContext context) {
        return new ToolTurn(
                new ToolBox(tools, policy, context.role()), context, InstantSource.system());
    }

    public static ToolOutcome call(ToolTurn turn, String tool, Map<String, ?> arguments)
            throws InterruptedException {
        String json = dev.tendril.worker.json.Json.write(arguments);
        return turn.run(List.of(new ToolTurn.Call("call", tool, json)), _ -> {})
                .getFirst()
                .outcome();
    }
}
