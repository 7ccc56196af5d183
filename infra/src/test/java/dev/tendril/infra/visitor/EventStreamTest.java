package dev.tendril.infra.visitor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The reader of the drills must itself be right, or it proves nothing.
final class EventStreamTest {
    private static final byte[] WIRE =
            """
            retry: 3000

            id: abc:1
            data: {"text":"größe 🌱"}

            : ping

            data: {"passing":true}

            id: abc:2
            data: [DONE]

            """
                    .getBytes(StandardCharsets.UTF_8);

    @Test
    void readsTheSameWhereverTheBytesAreCut() {
        List<EventStream.Event> whole = new EventStream().accept(WIRE, WIRE.length);
        assertEquals(3, whole.size());
        assertEquals("{\"text\":\"größe 🌱\"}", whole.getFirst().data());
        for (int cut = 0; cut <= WIRE.length; cut++) {
            var stream = new EventStream();
            var events = new ArrayList<>(stream.accept(WIRE, cut));
            byte[] rest = java.util.Arrays.copyOfRange(WIRE, cut, WIRE.length);
            events.addAll(stream.accept(rest, rest.length));
            assertEquals(whole, events, "cut at " + cut);
        }
    }

    @Test
    void anEventWithoutItsBlankLineDoesNotCount() {
        byte[] half = "id: a:1\ndata: x\n".getBytes(StandardCharsets.UTF_8);
        assertEquals(List.of(), new EventStream().accept(half, half.length));
    }

    @Test
    void refusesAnEventLine() {
        byte[] line = "event: message\n".getBytes(StandardCharsets.UTF_8);
        assertThrows(StreamViolation.class, () -> new EventStream().accept(line, line.length));
    }

    @Test
    void aCursorMustFollowTheOneBefore() {
        Cursor at = Cursor.parse("e1:7");
        assertEquals(8, at.next("e1:8").seq());
        assertThrows(StreamViolation.class, () -> at.next("e1:9"));
        assertThrows(StreamViolation.class, () -> at.next("e1:7"));
        assertThrows(StreamViolation.class, () -> at.next("e2:8"));
        assertEquals(1, Cursor.START.next("e2:1").seq());
    }
}
