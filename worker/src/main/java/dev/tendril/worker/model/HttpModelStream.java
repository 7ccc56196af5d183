package dev.tendril.worker.model;

import java.io.ByteArrayOutputStream;
import java.net.ConnectException;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/// One answer over HTTP, in any provider's dialect.
///
/// Every wait has a limit and every read can be cancelled: before the headers through the future,
/// after them through the [ChunkQueue]. A stream counts as complete when the dialect has seen its
/// end, never because the connection ended.
final class HttpModelStream implements ModelStream {
    private static final Duration BEFORE_LIMIT = Duration.ofSeconds(10);
    private static final Duration ERROR_BODY_LIMIT = Duration.ofSeconds(5);
    private static final Duration AFTER_FINISH_LIMIT = Duration.ofSeconds(3);
    private static final int MAX_ERROR_BYTES = 16 * 1024;
    private static final int MAX_WHOLE_BYTES = 4 * 1024 * 1024;
    private static final Pattern WINDOW =
            Pattern.compile("context.{0,40}(length|size|window|exceed)|too long|too many tokens");

    private final StreamDialect dialect;
    private final ModelTimeouts timeouts;
    private final HttpClient http;
    private final ArrayDeque<ModelEvent> ready = new ArrayDeque<>();
    private final SseReader sse = new SseReader();

    private @Nullable CompletableFuture<HttpResponse<ChunkQueue>> pending;
    private @Nullable ChunkQueue opened; // whether or not it turns out to be the answer
    private @Nullable ChunkQueue body;
    private boolean closed;
    private boolean bytesSeen;
    private boolean ended;

    HttpModelStream(StreamDialect dialect, ModelTimeouts timeouts, HttpClient http) {
        this.dialect = dialect;
        this.timeouts = timeouts;
        this.http = http;
    }

    @Override
    public ModelEvent next() throws ModelFailure, InterruptedException {
        ModelEvent event = ready.poll();
        while (event == null) {
            if (ended) {
                throw new IllegalStateException("the answer has ended");
            }
            pump();
            event = ready.poll();
        }
        return event;
    }

    private void pump() throws ModelFailure, InterruptedException {
        ChunkQueue from = body;
        if (from == null) {
            open();
            return;
        }
        boolean finished = dialect.finished();
        Duration limit = !bytesSeen ? timeouts.firstByte() : timeouts.idle();
        switch (from.read(finished ? AFTER_FINISH_LIMIT : limit)) {
            case ChunkQueue.Read.Bytes(List<ByteBuffer> buffers) -> {
                bytesSeen = true;
                for (ByteBuffer buffer : buffers) {
                    sse.feed(buffer);
                }
                take();
            }
            case ChunkQueue.Read.Ended() -> {
                sse.end();
                take();
                if (!ended) {
                    end("the stream ended before the answer did");
                }
            }
            case ChunkQueue.Read.Failed(Throwable cause) -> {
                if (isClosed()) {
                    throw aborted();
                }
                end("the connection broke: " + cause);
            }
            case ChunkQueue.Read.TimedOut() -> {
                if (finished) {
                    end("");
                    return;
                }
                throw bytesSeen
                        ? fault(ModelFault.STALLED, "silent for " + limit.toSeconds() + " s")
                        : fault(ModelFault.NO_ANSWER, "no byte in " + limit.toSeconds() + " s");
            }
        }
    }

    /// Turns what the parser has into events.
    private void take() throws ModelFailure {
        String data;
        while (!ended && (data = sse.poll()) != null) {
            dialect.accept(data, ready);
            if (dialect.complete()) {
                end("");
            }
        }
    }

    private void end(String broken) throws ModelFailure {
        if (!dialect.finished()) {
            throw fault(ModelFault.BROKEN, broken);
        }
        if (!dialect.saidSomething()) {
            throw fault(ModelFault.EMPTY, "the answer is empty (" + dialect.reason() + ")");
        }
        ended = true;
        ready.add(new ModelEvent.End(dialect.reason()));
    }

    private void open() throws ModelFailure, InterruptedException {
        HttpRequest first = dialect.before();
        if (first != null) {
            HttpResponse<ChunkQueue> answer = exchange(first, BEFORE_LIMIT);
            byte[] text = readAll(answer.body(), MAX_WHOLE_BYTES);
            if (answer.statusCode() == 401 || answer.statusCode() == 403) {
                throw refusal(answer, text);
            }
            dialect.beforeAnswered(answer.statusCode() == 200 ? utf8(text) : "");
        }
        HttpResponse<ChunkQueue> response = exchange(dialect.request(), timeouts.firstByte());
        if (response.statusCode() != 200) {
            byte[] text = readAll(response.body(), MAX_ERROR_BYTES);
            if (dialect.anotherForm(response.statusCode(), utf8(text))) {
                return;
            }
            throw refusal(response, text);
        }
        String type = response.headers().firstValue("Content-Type").orElse("text/event-stream");
        if (type.startsWith("text/event-stream")) {
            body = response.body();
        } else if (type.startsWith("application/json")) {
            whole(readAll(response.body(), MAX_WHOLE_BYTES));
        } else {
            response.body().cancel();
            throw fault(ModelFault.GARBAGE, "expected an event stream, got " + type);
        }
    }

    /// The endpoint ignored `stream` and answered in one piece.
    private void whole(byte[] text) throws ModelFailure {
        dialect.acceptWhole(utf8(text), ready);
        end("the answer holds no choice");
    }

    private HttpResponse<ChunkQueue> exchange(HttpRequest call, Duration limit)
            throws ModelFailure, InterruptedException {
        CompletableFuture<HttpResponse<ChunkQueue>> future;
        synchronized (this) {
            if (closed) {
                throw aborted();
            }
            future = http.sendAsync(call, _ -> new ChunkQueue());
            pending = future;
        }
        try {
            HttpResponse<ChunkQueue> response = future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
            synchronized (this) {
                pending = null;
                if (closed) {
                    response.body().cancel();
                    throw aborted();
                }
                opened = response.body();
            }
            return response;
        } catch (TimeoutException e) {
            throw fault(ModelFault.NO_ANSWER, "no answer in " + limit.toSeconds() + " s");
        } catch (CancellationException e) {
            throw aborted();
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            if (isClosed()) {
                throw aborted();
            }
            throw failed(cause);
        } finally {
            future.cancel(true);
        }
    }

    private byte[] readAll(ChunkQueue from, int most) throws ModelFailure, InterruptedException {
        var all = new ByteArrayOutputStream();
        long untilNanos = System.nanoTime() + ERROR_BODY_LIMIT.toNanos();
        while (all.size() < most) {
            Duration left = Duration.ofNanos(Math.max(0, untilNanos - System.nanoTime()));
            boolean more =
                    switch (from.read(left)) {
                        case ChunkQueue.Read.Bytes(List<ByteBuffer> buffers) -> {
                            for (ByteBuffer buffer : buffers) {
                                byte[] bytes = new byte[buffer.remaining()];
                                buffer.get(bytes);
                                all.writeBytes(bytes);
                            }
                            yield true;
                        }
                        case ChunkQueue.Read.Ended() -> false;
                        case ChunkQueue.Read.Failed _, ChunkQueue.Read.TimedOut _ -> {
                            if (isClosed()) {
                                throw aborted();
                            }
                            yield false;
                        }
                    };
            if (!more) {
                break;
            }
        }
        from.cancel();
        return all.toByteArray();
    }

    private static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private ModelFailure failed(Throwable cause) {
        boolean unreachable =
                cause instanceof ConnectException
                        || cause instanceof HttpConnectTimeoutException
                        || cause instanceof UnresolvedAddressException
                        || cause instanceof SSLException;
        String what =
                cause instanceof UnresolvedAddressException
                                || cause.getCause() instanceof UnresolvedAddressException
                        ? "the host is unknown"
                        : String.valueOf(cause);
        return new ModelFailure(
                unreachable ? ModelFault.UNREACHABLE : ModelFault.BROKEN,
                dialect + ": " + what,
                Duration.ZERO,
                cause);
    }

    private ModelFailure refusal(HttpResponse<?> response, byte[] text) {
        int status = response.statusCode();
        String said = dialect.errorText(utf8(text));
        String message =
                dialect + " answered " + status + (said.isEmpty() ? "" : " (" + said + ")");
        boolean tooLong =
                (status == 400 || status == 413 || status == 422)
                        && WINDOW.matcher(said.toLowerCase(Locale.ROOT)).find();
        ModelFault fault =
                switch (status) {
                    case 401, 403 -> ModelFault.FORBIDDEN;
                    case 408, 425 -> ModelFault.ERROR;
                    case 429 -> ModelFault.BUSY;
                    default -> {
                        if (tooLong) {
                            yield ModelFault.TOO_LONG;
                        }
                        yield status >= 500 ? ModelFault.ERROR : ModelFault.REJECTED;
                    }
                };
        dialect.refused(status);
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        Duration retryAfter =
                seconds.matches("[0-9]{1,6}")
                        ? Duration.ofSeconds(Long.parseLong(seconds))
                        : Duration.ZERO;
        return new ModelFailure(fault, message, retryAfter, null);
    }

    private ModelFailure fault(ModelFault fault, String message) {
        return new ModelFailure(fault, dialect + ": " + message);
    }

    private ModelFailure aborted() {
        return fault(ModelFault.ABORTED, "closed");
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (pending != null) {
            pending.cancel(true);
        }
        ChunkQueue open = opened;
        if (open != null && ended) {
            Thread.ofVirtual().name("model-rest").start(() -> readRest(open));
        } else if (open != null) {
            open.cancel();
        }
    }

    /// After a complete answer only the end of the body is missing; with it the connection can be
    /// used again.
    private static void readRest(ChunkQueue open) {
        try {
            while (open.read(AFTER_FINISH_LIMIT) instanceof ChunkQueue.Read.Bytes) {}
        } catch (InterruptedException e) {
            // Nobody interrupts this thread; the connection is closed all the same.
        } finally {
            open.cancel();
        }
    }
}
