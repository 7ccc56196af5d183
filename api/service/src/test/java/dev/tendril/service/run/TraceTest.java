package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.trace.Span;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// What comes with checkpoints beside their state.
@SuppressWarnings("NullAway.Init") // injected
@MicronautTest(transactional = false)
final class TraceTest extends QueueTest {

    private static final Instant AT = Instant.parse("2026-05-01T10:00:00.123Z");

    @Inject Operator operator;

    private static Span model(String id, int step) {
        return new Span(
                id,
                step,
                Span.Kind.MODEL,
                "large",
                new Span.Time(AT, 1_200, 90L),
                "tool-calls",
                new Span.Spent(new Metadata.Usage(100L, 20L, 60L, null), new BigDecimal("0.00125")),
                null);
    }

    private static Span tool(String id, int step, String output) {
        return new Span(
                id,
                step,
                Span.Kind.TOOL,
                "search_content",
                new Span.Time(AT.plusSeconds(1), 12, null),
                "ok",
                null,
                new Span.Words("{\"query\":\"x\"}", output));
    }

    private void checkpoint(
            ClaimedRun run, int batch, @Nullable List<Span> spans, @Nullable String snapshot) {
        writer.append(
                call(run),
                new AppendFrames(
                        run.leaseToken(),
                        batch,
                        batch == 1 ? List.of(start(run)) : List.of(),
                        new Checkpoint(batch, "{}", spans, snapshot)));
    }

    @Test
    void aTraceIsAsDurableAsItsCheckpointAndEachCallStandsInItOnce() {
        Run posted = post(chat(), "m1");
        ClaimedRun run = claimOne();
        checkpoint(run, 1, List.of(model("a1-s1", 1)), null);
        checkpoint(run, 2, List.of(tool("a1-s1-c0", 1, "{}"), model("a1-s1", 1)), null);
        checkpoint(run, 3, List.of(model("a1-s2", 2)), null);

        List<TracedSpan> trace = operator.trace(workspace, posted.id());
        assertEquals(
                List.of("a1-s1", "a1-s1-c0", "a1-s2"),
                trace.stream().map(t -> t.span().id()).toList());
        assertEquals(1, trace.getFirst().attempt());
        assertEquals(model("a1-s1", 1), trace.getFirst().span());
        assertEquals(tool("a1-s1-c0", 1, "{}").words(), trace.get(1).span().words());
        assertEquals(List.of(), operator.trace(UUID.randomUUID(), posted.id()));
        complete(run, 4, FINISH);
        assertEquals(3, operator.trace(workspace, posted.id()).size());
    }

    @Test
    void theNextTurnOfAChatGetsItsSnapshotAndNoOtherChatDoes() {
        UUID chat = chat();
        post(chat, "m1");
        ClaimedRun first = claimOne();
        assertNull(first.snapshot());
        checkpoint(first, 1, null, "{\"v\":1}");
        checkpoint(first, 2, null, "{\"v\":2}");
        complete(first, 3, FINISH);
        post(chat(), "m1");
        ClaimedRun stranger = claimOne();
        assertNull(stranger.snapshot());
        complete(stranger, 1, start(stranger), FINISH);
        post(chat, "m2");
        ClaimedRun second = claimOne();
        assertEquals("{\"v\":2}", second.snapshot());
        complete(second, 1, start(second), FINISH);
    }

    @Test
    void whatIsTooMuchIsRefused() {
        post(chat(), "m1");
        ClaimedRun run = claimOne();
        assertEquals("too_large", outcome(() -> checkpoint(run, 1, null, "x".repeat(65_537))));
        assertEquals(
                "too_large",
                outcome(() -> checkpoint(run, 1, List.of(tool("t", 1, "x".repeat(8_001))), null)));
        assertEquals(
                "invalid_text",
                outcome(() -> checkpoint(run, 1, List.of(tool("t", 1, "\0")), null)));
        assertEquals(
                "invalid_request", outcome(() -> checkpoint(run, 1, List.of(model("", 1)), null)));
        assertEquals(
                "invalid_request",
                outcome(() -> checkpoint(run, 1, Collections.nCopies(65, model("s", 1)), null)));
        assertEquals(List.of(), operator.trace(workspace, run.runId()));
        complete(run, 1, start(run), FINISH);
    }
}
