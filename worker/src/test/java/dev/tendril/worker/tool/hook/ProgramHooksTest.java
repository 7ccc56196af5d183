package dev.tendril.worker.tool.hook;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.json.Json;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.ScriptedTool;
import dev.tendril.worker.tool.ToolBox;
import dev.tendril.worker.tool.ToolHooks;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.ToolTurn;
import dev.tendril.worker.tool.Turns;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class ProgramHooksTest {
    @TempDir private Path dir;
    private final ScriptedTool tool = new ScriptedTool("recall", _ -> "secret result");

    private Path script(String name, String body) throws IOException {
        Path file = dir.resolve(name);
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return file;
    }

    private ToolOutcome call(String yaml) throws Exception {
        ToolHooks hooks = ProgramHooks.read(YamlSection.parse("worker.yml", yaml));
        ToolTurn turn =
                new ToolTurn(
                        new ToolBox(List.of(tool), Policy.safe(), Role.VISITOR, hooks),
                        Turns.context(Role.VISITOR),
                        InstantSource.system());
        return Turns.call(turn, "recall", Map.of("text", "x"));
    }

    private ToolOutcome pre(String body) throws Exception {
        return call(
                "hooks: {pre_tool: [{run: [\"%s\"], timeout: 1}]}".formatted(script("pre", body)));
    }

    private ToolOutcome post(String body) throws Exception {
        return call(
                "hooks: {post_tool: [{run: [\"%s\"], timeout: 1}]}"
                        .formatted(script("post", body)));
    }

    private static void denied(String rule, String reason, ToolOutcome outcome) {
        assertEquals(new ToolOutcome.Denied(rule, reason), outcome);
    }

    @Test
    void aHookIsTold() throws Exception {
        Path seen = dir.resolve("seen");
        ToolOutcome outcome = pre("cat > " + seen + "; env | grep -c . >> " + seen + ".env");
        assertTrue(outcome.ok(), outcome.reason());
        assertEquals(
                "{\"event\":\"pre_tool\",\"tool\":\"recall\",\"input\":{\"text\":\"x\"},\"role\":\"visitor\",\"chat\":\"chat-1\",\"turn\":\"turn-1\"}",
                Files.readString(seen).strip());
        Path told = dir.resolve("told");
        assertTrue(post("cat > " + told).ok());
        Map<String, ?> after = Json.readObject(Files.readString(told));
        assertEquals("ok", after.get("outcome"));
        assertEquals("secret result", after.get("result"));
    }

    @Test
    void aDenyingHookIsAVetoWithItsReason() throws Exception {
        denied(
                "hooks.pre_tool",
                "not on Sundays",
                pre("echo '{\"decision\":\"deny\",\"reason\":\"not on Sundays\"}'"));
        assertEquals(0, tool.runs.get(), "the tool ran");
        denied(
                "hooks.post_tool",
                "keep it",
                post("echo '{\"decision\":\"deny\",\"reason\":\"keep it\"}'"));
        assertEquals(1, tool.runs.get());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "exit 1",
                "sleep 30",
                "kill -9 $$",
                "echo '{\"decision\":'",
                "sleep 30 & exec sleep 30"
            })
    void aFailingHookIsAVetoBeforeAndNoneAfter(String body) throws Exception {
        assertInstanceOf(ToolOutcome.Denied.class, pre(body));
        assertEquals(0, tool.runs.get(), "the tool ran");
        assertTrue(post(body).ok());
    }

    @Test
    void aHookThatIsNotThereIsAVeto() throws Exception {
        assertInstanceOf(
                ToolOutcome.Denied.class, call("hooks: {pre_tool: [{run: [/nowhere/hook]}]}"));
    }

    @Test
    void aHookForOtherToolsIsNotAsked() throws Exception {
        Path deny = script("deny", "exit 1");
        assertTrue(
                call("hooks: {pre_tool: [{run: [\""
                                + deny
                                + "\"], tools: [write_file, \"mcp_*\"]}]}")
                        .ok());
        assertInstanceOf(
                ToolOutcome.Denied.class,
                call("hooks: {pre_tool: [{run: [\"" + deny + "\"], tools: [\"re*\"]}]}"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hooks: {pre_tool: [{run: [relative]}]}",
                "hooks: {pre_tool: [{tools: [x]}]}",
                "hooks: {before: []}",
                "hooks: {pre_tool: {run: [/x]}}",
                "hooks: {pre_tool: [{run: [/x], timeout: 61}]}"
            })
    void saysWhatIsWrong(String yaml) {
        assertThrows(BadFile.class, () -> ProgramHooks.read(YamlSection.parse("worker.yml", yaml)));
    }
}
