package dev.tendril.worker.tool.hook;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.tool.PlainText;
import dev.tendril.worker.tool.ToolContext;
import dev.tendril.worker.tool.ToolHooks;
import dev.tendril.worker.tool.ToolInput;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.command.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The hooks of `worker.yml`.
///
/// ```yaml
/// hooks:
///   pre_tool:
///     - run: [/srv/hooks/may-write, --strict]
///       tools: [write_file, edit_file, "mcp_*"]   # default: all
///       timeout: 5                                # seconds, 1 to 60
///   post_tool:
///     - run: [/srv/hooks/record]
/// ```
///
/// A hook gets one JSON object on its standard input (`event`, `tool`, `input`, `role`, `chat`,
/// `turn`; after the call `outcome` and `result` too) and none of the worker's environment. Exit 0
/// lets the call pass, unless its standard output is a JSON object with `"decision": "deny"`, whose
/// `reason` the model is told. Whatever else a `pre_tool` hook does (another exit value, no end in
/// time, no start) is a veto: a rule that cannot be asked is not a rule that agrees. A `post_tool`
/// hook that fails is logged and nothing more, since the call has happened; its `deny` keeps the
/// result from the model.
public final class ProgramHooks implements ToolHooks {
    private static final Logger LOG = LoggerFactory.getLogger(ProgramHooks.class);
    private static final int MAX_OUTPUT = 16_000;
    private static final int MAX_REASON = 500;

    private final List<Hook> before;
    private final List<Hook> after;

    private ProgramHooks(List<Hook> before, List<Hook> after) {
        this.before = before;
        this.after = after;
    }

    /// Reads the key `hooks`; none when it is not there.
    public static ToolHooks read(YamlSection top) throws BadFile {
        YamlSection hooks = top.section("hooks");
        hooks.allow("pre_tool", "post_tool");
        return new ProgramHooks(hooks(hooks, "pre_tool"), hooks(hooks, "post_tool"));
    }

    private static List<Hook> hooks(YamlSection at, String key) throws BadFile {
        List<Hook> hooks = new ArrayList<>();
        for (YamlSection hook : at.sections(key)) {
            hook.allow("run", "tools", "timeout");
            List<String> command = hook.list("run");
            if (command.isEmpty() || !Path.of(command.getFirst()).isAbsolute()) {
                throw at.wrong(key, "run takes a program's absolute path and its arguments");
            }
            hooks.add(
                    new Hook(
                            command,
                            hook.list("tools"),
                            Duration.ofSeconds(hook.number("timeout", 5, 1, 60))));
        }
        return hooks;
    }

    @Override
    public @Nullable String before(String tool, ToolInput input, ToolContext context)
            throws InterruptedException {
        for (Hook hook : before) {
            if (hook.concerns(tool)) {
                Verdict verdict = ask(hook, event("pre_tool", tool, input, context));
                if (!verdict.passed()) {
                    return verdict.reason();
                }
            }
        }
        return null;
    }

    @Override
    public @Nullable String after(
            String tool, ToolInput input, ToolContext context, ToolOutcome outcome)
            throws InterruptedException {
        for (Hook hook : after) {
            if (hook.concerns(tool)) {
                Map<String, @Nullable Object> event = event("post_tool", tool, input, context);
                event.put("outcome", outcome.code());
                event.put(
                        "result",
                        outcome instanceof ToolOutcome.Ok(Object value, _, _, _)
                                ? value
                                : outcome.reason());
                Verdict verdict = ask(hook, event);
                if (!verdict.passed() && verdict.said()) {
                    return verdict.reason();
                }
            }
        }
        return null;
    }

    private static Map<String, @Nullable Object> event(
            String name, String tool, ToolInput input, ToolContext context) {
        Map<String, @Nullable Object> event = new LinkedHashMap<>();
        event.put("event", name);
        event.put("tool", tool);
        event.put("input", input.fields());
        event.put("role", context.role().key());
        event.put("chat", context.chat());
        event.put("turn", context.turn());
        return event;
    }

    /// @param passed whether the call may go on
    /// @param said whether the hook said so itself, rather than failing
    private record Verdict(boolean passed, boolean said, String reason) {}

    private static Verdict ask(Hook hook, Map<String, @Nullable Object> event)
            throws InterruptedException {
        String name = String.valueOf(Path.of(hook.command().getFirst()).getFileName());
        Program.Ended ended;
        try {
            Path root = Path.of(hook.command().getFirst()).getParent();
            ended =
                    new Program(
                                    hook.command(),
                                    root == null ? Path.of("/") : root,
                                    Map.of(),
                                    hook.timeout(),
                                    MAX_OUTPUT)
                            .run(Json.write(event) + "\n");
        } catch (IOException e) {
            LOG.warn("The hook {} cannot be started: {}", name, e.toString());
            return failed("the operator's check could not be started");
        }
        if (ended.timedOut()) {
            LOG.warn("The hook {} did not end within {}", name, hook.timeout());
            return failed("the operator's check did not end in time");
        }
        if (ended.exit() != 0) {
            LOG.warn("The hook {} ended with {}", name, ended.exit());
            return failed("the operator's check failed");
        }
        return verdict(ended.out(), name);
    }

    private static Verdict failed(String reason) {
        return new Verdict(false, false, reason);
    }

    private static Verdict verdict(String out, String name) {
        if (!out.strip().startsWith("{")) {
            return new Verdict(true, true, "");
        }
        try {
            Map<String, @Nullable Object> answer = Json.readObject(out);
            if (!"deny".equals(answer.get("decision"))) {
                return new Verdict(true, true, "");
            }
            String reason =
                    answer.get("reason") instanceof String text && !text.isBlank()
                            ? text
                            : "the operator's check refused it";
            LOG.info("The hook {} refused a call", name);
            return new Verdict(false, true, PlainText.headAndTail(reason, MAX_REASON));
        } catch (BadJson e) {
            LOG.warn("The hook {} answered with broken JSON", name);
            return failed("the operator's check failed");
        }
    }
}
