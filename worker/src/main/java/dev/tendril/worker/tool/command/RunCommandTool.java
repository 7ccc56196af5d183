package dev.tendril.worker.tool.command;

import dev.tendril.worker.policy.Effect;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.RolePolicy;
import dev.tendril.worker.policy.Sandbox;
import dev.tendril.worker.policy.Target;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolCard;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolDenied;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolResult;
import dev.tendril.worker.tool.files.ConfinedFiles;
import dev.tendril.worker.tool.files.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// `run_command`.
public final class RunCommandTool implements Tool {
    private static final int MAX_OUTPUT = 32_000;
    private static final int STDERR_SHARE = MAX_OUTPUT / 4;
    private static final int DEFAULT_MS = 30_000;

    private static final ToolCard CARD =
            ToolCard.harmless(
                            "run_command",
                            "Run one program with its arguments and wait for its end. No shell: no"
                                    + " pipes, no globs, no variables, no background processes.",
                            """
                            {"type": "object",
                             "properties": {
                               "command": {"type": "string", "minLength": 1, "maxLength": 256},
                               "args": {"type": "array", "maxItems": 256,
                                 "items": {"type": "string", "maxLength": 32768}},
                               "directory": {"type": "string", "maxLength": 1024},
                               "description": {"type": "string", "maxLength": 256},
                               "timeout_ms": {"type": "integer", "minimum": 1, "maximum": 120000}},
                             "required": ["command"], "additionalProperties": false}
                            """)
                    .with(Set.of(Effect.READS, Effect.WRITES), false)
                    .within(Duration.ofSeconds(130));

    private final Policy policy;
    private final @Nullable Bubblewrap sandbox;

    private RunCommandTool(Policy policy, @Nullable Bubblewrap sandbox) {
        this.policy = policy;
        this.sandbox = sandbox;
    }

    /// Looks once whether the sandbox works here.
    public static RunCommandTool of(Policy policy) {
        return new RunCommandTool(policy, Bubblewrap.find());
    }

    /// The same on a machine that has no bubblewrap.
    static RunCommandTool withoutSandbox(Policy policy) {
        return new RunCommandTool(policy, null);
    }

    @Override
    public ToolCard card() {
        return CARD;
    }

    @Override
    public List<Target> targets(ToolInput input, ToolContext context) throws ToolException {
        return List.of(
                new Target.Program(input.text("command")),
                new Target.Read(directory(input, context).path()));
    }

    private Place directory(ToolInput input, ToolContext context) throws ToolDenied {
        List<Path> roots = new ArrayList<>(reach(context).write());
        roots.addAll(reach(context).read());
        return Place.of(roots, input.text("directory", "."));
    }

    private RolePolicy.Reach reach(ToolContext context) {
        return policy.of(context.role()).reach();
    }

    @Override
    public ToolResult run(ToolInput input, ToolContext context)
            throws ToolException, InterruptedException {
        String name = input.text("command");
        Path program = Programs.find(name);
        if (program == null) {
            return ToolResult.of(
                    Map.of(
                            "error",
                            "not_found",
                            "reason",
                            "no program " + name + ", exit code -1"));
        }
        List<String> args = input.texts("args");
        if (args.stream().anyMatch(a -> a.indexOf('\0') >= 0)) {
            throw new ToolDenied("command.args", "an argument contains NUL");
        }
        Place directory = directory(input, context);
        ConfinedFiles.list(directory);
        List<String> command = new ArrayList<>();
        command.addAll(confinement(reach(context), directory.path()));
        command.add(program.toString());
        command.addAll(args);
        Duration limit = Duration.ofMillis(input.number("timeout_ms", DEFAULT_MS));
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("command", name);
        answer.put("args", args);
        execute(command, directory.path(), limit, answer);
        return ToolResult.of(answer);
    }

    private List<String> confinement(RolePolicy.Reach reach, Path directory) throws ToolDenied {
        Bubblewrap wrap = reach.sandbox() == Sandbox.OFF ? null : sandbox;
        if (wrap != null) {
            return wrap.prefix(reach, directory);
        }
        if (reach.sandbox() == Sandbox.REQUIRED) {
            throw new ToolDenied(
                    "command.sandbox",
                    "the policy asks for bubblewrap, which does not work on this machine");
        }
        return List.of();
    }

    private static void execute(
            List<String> command,
            Path directory,
            Duration limit,
            Map<String, @Nullable Object> answer)
            throws ToolException, InterruptedException {
        Program.Ended ended;
        try {
            ended = new Program(command, directory, Map.of(), limit, MAX_OUTPUT).run(null);
        } catch (IOException e) {
            throw new ToolException("The program could not be started.");
        }
        answer.put("exit_code", ended.exit());
        answer.put("timed_out", ended.timedOut());
        addOutput(answer, ended);
        answer.put("duration_ms", ended.ms());
    }

    /// Both streams together stay within the cap; the standard output goes first, but leaves a
    /// quarter for the errors.
    private static void addOutput(Map<String, @Nullable Object> answer, Program.Ended ended) {
        String errors = PlainText.clean(ended.err());
        String text = PlainText.clean(ended.out());
        String shortText =
                PlainText.headAndTail(text, MAX_OUTPUT - Math.min(errors.length(), STDERR_SHARE));
        String shortErrors =
                PlainText.headAndTail(errors, Math.max(STDERR_SHARE, MAX_OUTPUT - text.length()));
        answer.put("stdout", shortText);
        answer.put("stderr", shortErrors);
        answer.put(
                "truncated",
                ended.dropped() || !shortText.equals(text) || !shortErrors.equals(errors));
    }
}
