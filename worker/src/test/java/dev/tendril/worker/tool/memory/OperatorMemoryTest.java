package dev.tendril.worker.tool.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.policy.BadPolicy;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.Tool;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.Turns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OperatorMemoryTest {
    private Instant now = Instant.parse("2026-05-01T10:00:00Z");
    private List<Tool> tools;
    private Policy policy;
    @TempDir private Path dir;

    @BeforeEach
    void tools() throws Exception {
        tools = new OperatorMemory(dir.resolve("notes"), () -> now).tools();
        policy =
                Turns.policy(
                        dir.resolve("rules"),
                        "roles: {operator: {tools: [manage_memory, search_memory, log_memory,"
                                + " consolidate_memory]}}");
    }

    private ToolOutcome call(String tool, Map<String, ?> arguments) throws Exception {
        return Turns.call(Turns.turn(tools, policy, Role.OPERATOR), tool, arguments);
    }

    private Map<?, ?> value(String tool, Map<String, ?> arguments) throws Exception {
        ToolOutcome outcome = call(tool, arguments);
        return (Map<?, ?>) assertInstanceOf(ToolOutcome.Ok.class, outcome, outcome::reason).value();
    }

    @Test
    void topicsAreWrittenAppendedFoundAndDeleted() throws Exception {
        value(
                "manage_memory",
                Map.of("action", "write", "topic", "release", "text", "Ship on Monday."));
        value(
                "manage_memory",
                Map.of("action", "append", "topic", "release", "text", "Tag first."));
        assertEquals(
                "Ship on Monday.\nTag first.\n",
                value("manage_memory", Map.of("action", "read", "topic", "release")).get("text"));
        assertEquals(
                List.of("release"), value("manage_memory", Map.of("action", "list")).get("topics"));
        assertEquals(
                1,
                ((List<?>) value("search_memory", Map.of("words", "tag MONDAY")).get("found"))
                        .size());
        value("manage_memory", Map.of("action", "delete", "topic", "release"));
        assertInstanceOf(
                ToolOutcome.Failed.class,
                call("manage_memory", Map.of("action", "read", "topic", "release")));
    }

    @Test
    void daysAreLoggedAndCondensed() throws Exception {
        value("log_memory", Map.of("text", "Moved the\nserver."));
        now = now.plus(Duration.ofDays(1));
        value("log_memory", Map.of("text", "Checked it."));
        now = now.plus(Duration.ofDays(1));
        value("log_memory", Map.of("text", "Today's."));
        assertInstanceOf(
                ToolOutcome.Failed.class,
                call("consolidate_memory", Map.of("through", "2026-05-03")));
        Map<?, ?> logs =
                (Map<?, ?>)
                        value("consolidate_memory", Map.of("through", "2026-05-02")).get("logs");
        assertEquals(
                "- 10:00 Moved the server.\n",
                String.valueOf(logs.get("2026-05-01")).replace("10:00:00", "10:00"));
        assertEquals(2, logs.size());
        value(
                "consolidate_memory",
                Map.of("through", "2026-05-02", "summary", "The server was moved and checked."));
        assertTrue(Files.exists(dir.resolve("notes/operator/condensed/2026-05-02.md")));
        assertTrue(Files.notExists(dir.resolve("notes/operator/daily/2026-05-01.md")));
        assertTrue(Files.exists(dir.resolve("notes/operator/daily/2026-05-03.md")));
        assertEquals(
                1,
                ((List<?>) value("search_memory", Map.of("words", "moved checked")).get("found"))
                        .size());
    }

    @Test
    void noNameLeadsOutOfTheFolderAndNoVisitorGetsTheTools() {
        for (String topic : List.of("../x", "a/b", ".hidden", "A", "")) {
            assertInstanceOf(
                    ToolOutcome.BadArguments.class,
                    assertDoesNotThrow(() ->
                            call(
                                    "manage_memory",
                                    Map.of("action", "write", "topic", topic, "text", "x"))),
                    topic);
        }
        assertThrows(
                BadPolicy.class,
                () -> Turns.policy(dir.resolve("more"), "roles: {visitor: {tools: [log_memory]}}"));
    }

    private static <T> T assertDoesNotThrow(
            org.junit.jupiter.api.function.ThrowingSupplier<T> call) {
        return org.junit.jupiter.api.Assertions.assertDoesNotThrow(call);
    }
}
