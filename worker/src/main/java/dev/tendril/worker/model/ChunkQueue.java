package dev.tendril.worker.model;

import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A response body that is read with a time limit per read and can be cancelled at any moment.
///
/// One list of buffers is asked for at a time, so a slow reader slows the sender through TCP.
final class ChunkQueue implements BodySubscriber<ChunkQueue> {
    private final LinkedBlockingQueue<Item> items = new LinkedBlockingQueue<>();
    private Flow.@Nullable Subscription subscription;
    private boolean cancelled;

    private sealed interface Item {
        record Chunk(List<ByteBuffer> buffers) implements Item {}

        record Broken(Throwable cause) implements Item {}

        record Whole() implements Item {}
    }

    /// What a read brought.
    sealed interface Read {
        record Bytes(List<ByteBuffer> buffers) implements Read {}

        record Failed(Throwable cause) implements Read {}

        record Ended() implements Read {}

        record TimedOut() implements Read {}
    }

    /// The next bytes, or what came instead of them within the time.
    Read read(Duration limit) throws InterruptedException {
        return switch (items.poll(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            case null -> new Read.TimedOut();
            case Item.Chunk(List<ByteBuffer> buffers) -> {
                request();
                yield new Read.Bytes(buffers);
            }
            case Item.Broken(Throwable cause) -> new Read.Failed(cause);
            case Item.Whole() -> new Read.Ended();
        };
    }

    private synchronized void request() {
        if (subscription != null && !cancelled) {
            subscription.request(1);
        }
    }

    /// Ends the connection; a blocked reader gets a failure.
    synchronized void cancel() {
        if (cancelled) {
            return;
        }
        cancelled = true;
        if (subscription != null) {
            subscription.cancel();
        }
        items.add(new Item.Broken(new CancellationException("closed")));
    }

    @Override
    public CompletionStage<ChunkQueue> getBody() {
        return CompletableFuture.completedStage(this);
    }

    @Override
    public synchronized void onSubscribe(Flow.Subscription given) {
        subscription = given;
        if (cancelled) {
            given.cancel();
        } else {
            given.request(1);
        }
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        items.add(new Item.Chunk(buffers));
    }

    @Override
    public void onError(Throwable cause) {
        items.add(new Item.Broken(cause));
    }

    @Override
    public void onComplete() {
        items.add(new Item.Whole());
    }
}
