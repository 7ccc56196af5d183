package dev.tendril.service.attachment;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.body.ByteBody;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;

/// Counts a body while it arrives and lets go of it as soon as it is too large or too slow: nothing
/// beyond the limit is ever kept.
@SuppressWarnings("NullAway.Init") // the subscription comes before the first bytes
final class ArrivingImage implements Subscriber<byte[]> {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(64 * 1024);
    private final CompletableFuture<byte[]> whole = new CompletableFuture<>();
    private final int most;
    private volatile Subscription source;

    private ArrivingImage(int most) {
        this.most = most;
    }

    /// The whole body.
    ///
    /// @throws ProblemException `too_large`, or `invalid_request` when it does not come in time
    static byte[] read(ByteBody body, int most, Duration patience) throws InterruptedException {
        var arriving = new ArrivingImage(most);
        body.toByteArrayPublisher().subscribe(arriving);
        try {
            return arriving.whole.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            arriving.source.cancel();
            if (e.getCause() instanceof ProblemException problem) {
                throw problem;
            }
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "The image did not arrive whole. Send it again.");
        }
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        source = subscription;
        subscription.request(1);
    }

    @Override
    public void onNext(byte[] next) {
        if (bytes.size() + next.length > most) {
            source.cancel();
            whole.completeExceptionally(
                    new ProblemException(ErrorCode.TOO_LARGE, "An image has at most 5 MB."));
            return;
        }
        bytes.writeBytes(next);
        source.request(1);
    }

    @Override
    public void onError(Throwable cause) {
        whole.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
        whole.complete(bytes.toByteArray());
    }
}
