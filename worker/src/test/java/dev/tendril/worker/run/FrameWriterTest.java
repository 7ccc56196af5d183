package dev.tendril.worker.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimRequest;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.auth.WorkerKey;
import dev.tendril.worker.auth.WorkerToken;
import dev.tendril.worker.link.Announcement;
import dev.tendril.worker.link.Credentials;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.link.RelayLink;
import dev.tendril.worker.relay.RelayDouble;
import dev.tendril.worker.relay.Wire;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a worker keeps while nobody takes it.
final class FrameWriterTest {

    private static final int DELTAS = 1_000;
    private static final int DELTA_CHARACTERS = 500;

    @TempDir private Path dir;

    @Test
    void aRelayThatTakesNothingHoldsTheModelAndLosesNothing() throws Exception {
        try (var relay = new RelayDouble()) {
            var link =
                    new RelayLink(
                            relay.uri(),
                            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
                            Wire.JSON,
                            new Credentials(
                                    WorkerToken.parse(RelayDouble.TOKEN),
                                    WorkerKey.load(dir),
                                    () -> new Announcement("m", "llm", "test", UUID.randomUUID()),
                                    InstantSource.system()));
            relay.ask("Much");
            ClaimedRun run =
                    link.claim(
                                    new ClaimRequest(
                                            UUID.randomUUID(), 1, List.of("chat"), null, null),
                                    Duration.ofSeconds(5))
                            .getFirst();
            var writer =
                    new FrameWriter(link, new Lease(run.runId(), run.leaseToken(), run.leaseMs()));
            Thread sender = Thread.ofVirtual().start(writer::send);
            relay.refuseCalls(Integer.MAX_VALUE);

            AtomicInteger taken = new AtomicInteger();
            var ended = new CompletableFuture<Void>();
            Thread model = Thread.ofPlatform().start(() -> answer(writer, run, taken, ended));
            await("the model is held", () -> model.getState() == Thread.State.WAITING);

            int kept = taken.get() * DELTA_CHARACTERS;
            int most = FrameWriter.BUFFER_BYTES + 2 * FrameWriter.BATCH_BYTES;
            assertTrue(kept > FrameWriter.BUFFER_BYTES / 2, "kept only " + kept);
            assertTrue(kept <= most, kept + " is more than " + most);

            relay.refuseCalls(0);
            ended.get();
            writer.close();
            sender.join();
            assertEquals("done", relay.state(run.runId()));
            String text =
                    relay.frames(run.runId()).stream()
                            .filter(Frame.TextDelta.class::isInstance)
                            .map(frame -> ((Frame.TextDelta) frame).delta())
                            .collect(Collectors.joining());
            assertEquals(
                    IntStream.range(0, DELTAS)
                            .mapToObj(FrameWriterTest::delta)
                            .collect(Collectors.joining()),
                    text);
        }
    }

    private static void answer(
            FrameWriter writer,
            ClaimedRun run,
            AtomicInteger taken,
            CompletableFuture<Void> ended) {
        try {
            writer.write(new Frame.Start(run.answerId(), null));
            writer.write(new Frame.TextStart("a1t1"));
            for (int i = 0; i < DELTAS; i++) {
                writer.write(new Frame.TextDelta("a1t1", delta(i)));
                taken.incrementAndGet();
            }
            writer.write(new Frame.TextEnd("a1t1"));
            writer.complete(new Frame.Finish(Metadata.at(null)));
            ended.complete(null);
        } catch (LinkException | InterruptedException e) {
            ended.completeExceptionally(e);
        }
    }

    private static String delta(int i) {
        return "%d ".formatted(i).repeat(DELTA_CHARACTERS).substring(0, DELTA_CHARACTERS);
    }

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 10 s: " + what);
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
