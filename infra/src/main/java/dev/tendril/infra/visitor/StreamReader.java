package dev.tendril.infra.visitor;

import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.json.Json;
import dev.tendril.infra.stage.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Follows a chat's stream as a page does: reads, and comes back with its cursor whenever the
/// connection ends early, is refused, or says nothing for 15 s. Checks on the way that each frame
/// comes exactly once and in order. For one thread.
public final class StreamReader {
    private static final int BUFFER_BYTES = 16 * 1024;
    private static final Duration SILENCE = Duration.ofSeconds(15);
    private static final long PAUSE_NANOS = 50_000_000;

    private final HttpClient http;
    private Supplier<URI> relay;
    private final String token;
    private final UUID chat;
    private Consumer<Answer.SeenFrame> watcher = _ -> {};
    private Consumer<Frame.RelayStatus> statusWatcher = _ -> {};

    private final List<Answer.SeenFrame> frames = new ArrayList<>();
    private final List<Frame.RelayStatus> status = new ArrayList<>();
    private Cursor cursor = Cursor.START;
    private int connections;
    private long lostAt;
    private long away;
    private boolean terminal;

    StreamReader(HttpClient http, URI relay, String token, UUID chat) {
        this.http = http;
        this.relay = () -> relay;
        this.token = token;
        this.chat = chat;
    }

    /// Each connection goes to the address that `next` gives: a page behind a balancer.
    public StreamReader via(Supplier<URI> next) {
        relay = next;
        return this;
    }

    /// Tells each frame as it comes.
    public StreamReader onFrame(Consumer<Answer.SeenFrame> watch) {
        watcher = watch;
        return this;
    }

    /// Tells each passing frame as it comes.
    public StreamReader onStatus(Consumer<Frame.RelayStatus> watch) {
        statusWatcher = watch;
        return this;
    }

    /// Everything after `from` up to the first terminal frame.
    ///
    /// @param from a cursor as the relay gave it, or `0`
    /// @throws StreamViolation if a frame is missing, comes twice, or is not of our wire
    /// @throws AssertionError if the end does not come in time
    public Answer answer(String from, Duration limit) throws InterruptedException {
        cursor = from.equals("0") ? Cursor.START : Cursor.parse(from);
        terminal = false;
        long deadline = System.nanoTime() + limit.toNanos();
        @Nullable Exception last = null;
        while (System.nanoTime() < deadline) {
            try {
                connections++;
                if (readOnce(deadline)) {
                    return new Answer(frames, status, cursor, connections, Duration.ofNanos(away));
                }
                last = null;
            } catch (UnexpectedAnswer e) {
                if (e.status() < 500 && e.status() != 429) {
                    throw new StreamViolation(String.valueOf(e.getMessage()));
                }
                last = e;
            } catch (IOException e) {
                if (terminal) {
                    // Cut between the last frame and [DONE]: nothing of the answer is missing.
                    return new Answer(frames, status, cursor, connections, Duration.ofNanos(away));
                }
                last = e;
            }
            if (lostAt == 0) {
                lostAt = System.nanoTime();
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        throw new AssertionError(
                "no end of the answer within %s; %d frames up to %s on %d connections, text: %s"
                        .formatted(limit, frames.size(), cursor, connections, Answer.said(frames)),
                last);
    }

    /// One connection. True when the answer is whole.
    private boolean readOnce(long deadline) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(
                                relay.get()
                                        .resolve(
                                                "/api/v1/chats/"
                                                        + chat
                                                        + "/stream?after="
                                                        + cursor))
                        .timeout(SILENCE)
                        .header("authorization", "Bearer " + token)
                        .header("accept", "text/event-stream")
                        .build();
        HttpResponse<InputStream> response = http.send(request, BodyHandlers.ofInputStream());
        try (InputStream body = response.body()) {
            if (response.statusCode() != 200) {
                throw new UnexpectedAnswer(response, body.readAllBytes());
            }
            if (lostAt > 0) {
                away = Math.max(away, System.nanoTime() - lostAt);
                lostAt = 0;
            }
            return readBody(body, deadline);
        }
    }

    private boolean readBody(InputStream body, long deadline) throws IOException {
        var events = new EventStream();
        var buffer = new byte[BUFFER_BYTES];
        while (true) {
            int n = readWithin(body, buffer, deadline);
            if (n < 0) {
                // [DONE] is lost but the answer's last frame is not: a page is content too.
                return terminal;
            }
            for (EventStream.Event event : events.accept(buffer, n)) {
                if (event.data().equals("[DONE]")) {
                    if (!terminal) {
                        throw new StreamViolation("[DONE] before a terminal frame");
                    }
                    return true;
                }
                if (terminal) {
                    throw new StreamViolation("a frame after the terminal one: " + event.data());
                }
                take(event);
            }
        }
    }

    private void take(EventStream.Event event) throws IOException {
        Frame frame = Json.read(event.data().getBytes(StandardCharsets.UTF_8), Frame.class);
        if (frame instanceof Frame.RelayStatus passing) {
            if (event.id() != null) {
                throw new StreamViolation("a status frame with a cursor");
            }
            status.add(passing);
            statusWatcher.accept(passing);
            return;
        }
        if (event.id() == null) {
            throw new StreamViolation("a frame without a cursor: " + event.data());
        }
        cursor = cursor.next(event.id());
        var seen = new Answer.SeenFrame(cursor, frame, Clock.micros());
        frames.add(seen);
        watcher.accept(seen);
        terminal = frame.terminal();
    }

    /// Reads; closes the stream under the read when nothing comes for too long.
    private static int readWithin(InputStream body, byte[] buffer, long deadline)
            throws IOException {
        long wait = Math.min(SILENCE.toNanos(), Math.max(1, deadline - System.nanoTime()));
        var alarm =
                CompletableFuture.runAsync(
                        () -> {
                            try {
                                body.close();
                            } catch (IOException _) {
                                // The read fails as it should.
                            }
                        },
                        CompletableFuture.delayedExecutor(wait, TimeUnit.NANOSECONDS));
        try {
            return body.read(buffer);
        } finally {
            alarm.cancel(false);
        }
    }
}
