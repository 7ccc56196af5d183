package dev.tendril.worker.tool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import java.util.List;
import org.junit.jupiter.api.Test;

class TurnGuardTest {
    private static TurnGuard.Call record(String arguments, boolean ok) {
        return new TurnGuard.Call("tool", arguments, ok);
    }

    @Test
    void theThirdSameCallEndsTheTurnHoweverItIsWritten() {
        TurnGuard guard = new TurnGuard();
        goesOn(guard.after(List.of(record("{\"a\":1,\"b\":2}", true))));
        goesOn(guard.after(List.of(record("{\"a\":2}", true))));
        goesOn(guard.after(List.of(record("{ \"b\": 2, \"a\": 1 }", true))));
        var verdict = guard.after(List.of(record("{\"b\":2,\"a\":1}", true)));
        assertEquals("loop", assertInstanceOf(TurnGuard.Verdict.End.class, verdict).reason());
    }

    @Test
    void mistakesLeadToOneNudgeAndThenToTheEnd() {
        TurnGuard guard = new TurnGuard();
        goesOn(guard.after(List.of(record("1", false))));
        goesOn(guard.after(List.of(record("2", false), record("3", true))));
        goesOn(guard.after(List.of(record("4", false))));
        goesOn(guard.after(List.of(record("5", false))));
        assertInstanceOf(TurnGuard.Verdict.Nudge.class, guard.after(List.of(record("6", false))));
        goesOn(guard.after(List.of(record("7", false))));
        goesOn(guard.after(List.of(record("8", false))));
        var verdict = guard.after(List.of(record("9", false)));
        assertEquals("mistakes", assertInstanceOf(TurnGuard.Verdict.End.class, verdict).reason());
    }

    private static void goesOn(TurnGuard.Verdict verdict) {
        assertInstanceOf(TurnGuard.Verdict.GoOn.class, verdict);
    }
}
