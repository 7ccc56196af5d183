package dev.tendril.relay.up;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ConsoleTest {
    @Test
    void theBoxIsStraight() {
        var lines =
                List.of(
                        new Console.Line("Chat", "http://127.0.0.1:8080/c/home"),
                        new Console.Line("", "x"));
        assertEquals(
                """
                ╭─ Tendril ────────────────────────────╮
                │ Chat    http://127.0.0.1:8080/c/home │
                │         x                            │
                ╰──────────────────────────────────────╯
                """,
                Console.draw(lines, true));
        assertEquals(
                """
                +- Tendril ----------------------------+
                | Chat    http://127.0.0.1:8080/c/home |
                |         x                            |
                +--------------------------------------+
                """,
                Console.draw(lines, false));
    }
}
