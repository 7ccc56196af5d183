package dev.tendril.worker.run;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.worker.link.Backoff;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.LeaseLost;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.link.RelayAway;
import dev.tendril.worker.link.RelayLink;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Sends the frames of one attempt in order.
///
/// The first text goes out at once, what follows in batches: one each 40 ms, or slower when the
/// relay asks for it, of about 4 KiB at most. Neighbouring deltas of one part are joined. At most
/// 64 KiB wait here; then [#write] blocks, and with it whoever reads the model. A batch is sent
/// again with its number until it is answered or the lease is lost.
///
/// One thread writes; another, owned by this object, sends.
public final class FrameWriter {
    static final int BATCH_BYTES = 4 * 1024;
    static final int BUFFER_BYTES = 64 * 1024;
    private static final long LEAST_FLUSH_MS = 40;
    private static final long MOST_FLUSH_MS = 500;

    /// A batch that finds no answer for this long, although the lease can be renewed, is given up.
    private static final long GIVE_UP_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final RelayLink link;
    private final Lease lease;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<Frame> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private boolean urgent = true;
    private boolean textSeen;
    private @Nullable Barrier barrier;
    private boolean closed;
    private @Nullable LinkException failure;

    // Only the sending thread uses these.
    private int batch = 1;
    private long flushMs = LEAST_FLUSH_MS;

    /// The caller starts [#send] on a thread of its own.
    FrameWriter(RelayLink link, Lease lease) {
        this.link = link;
        this.lease = lease;
    }

    /// What must be sent after all frames before it, and waited for.
    private sealed interface Barrier {
        record Check(Checkpoint checkpoint) implements Barrier {}

        record Complete(Frame.Finish finish) implements Barrier {}

        record Flush() implements Barrier {}
    }

    /// Queues a frame; blocks while the buffer is full.
    ///
    /// @throws LeaseLost when nothing more may be written
    /// @throws CallRefused when the relay refused an earlier batch
    public void write(Frame frame) throws LinkException, InterruptedException {
        for (Frame piece : FrameSize.pieces(frame, BATCH_BYTES)) {
            enqueue(piece);
        }
    }

    private void enqueue(Frame frame) throws LinkException, InterruptedException {
        int bytes = FrameSize.bytes(frame);
        lock.lockInterruptibly();
        try {
            while (failure == null && waitingBytes > 0 && waitingBytes + bytes > BUFFER_BYTES) {
                changed.await();
            }
            throwFailure();
            Frame last = waiting.peekLast();
            Frame joined = last == null ? null : FrameSize.joined(last, frame, BATCH_BYTES);
            if (joined != null) {
                waitingBytes -= FrameSize.bytes(waiting.removeLast());
                waiting.addLast(joined);
                waitingBytes += FrameSize.bytes(joined);
            } else {
                waiting.addLast(frame);
                waitingBytes += bytes;
            }
            if (!textSeen && FrameSize.isDelta(frame)) {
                textSeen = true;
                urgent = true;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Sends everything so far together with a checkpoint and waits until it is stored.
    ///
    /// @throws LeaseLost when nothing more may be written
    /// @throws CallRefused when the relay refused it
    public void checkpoint(Checkpoint checkpoint) throws LinkException, InterruptedException {
        pass(new Barrier.Check(checkpoint));
    }

    /// Sends everything so far and ends the run.
    ///
    /// @throws LeaseLost when nothing more may be written
    /// @throws CallRefused when the relay refused it
    public void complete(Frame.Finish finish) throws LinkException, InterruptedException {
        pass(new Barrier.Complete(finish));
    }

    /// Sends what is waiting, then ends the run as failed.
    ///
    /// @param code machine-readable, `[a-z_]{1,40}`
    /// @param text a sentence for the visitor
    /// @param retryable whether a retry makes sense
    /// @throws LeaseLost when nothing more may be written
    /// @throws CallRefused when the relay refused it
    public void fail(String code, String text, boolean retryable)
            throws LinkException, InterruptedException {
        try {
            pass(new Barrier.Flush());
        } catch (CallRefused e) {
            // Frames that the relay does not take must not keep the run from ending.
        }
        lease.ending();
        var end = new FailRun(lease.token(), code, text, retryable);
        untilAnswered(() -> {
            link.fail(lease.runId(), end);
            return null;
        });
    }

    private void pass(Barrier awaited) throws LinkException, InterruptedException {
        lock.lockInterruptibly();
        try {
            throwFailure();
            barrier = awaited;
            changed.signalAll();
            while (barrier != null && failure == null) {
                changed.await();
            }
            throwFailure();
        } finally {
            lock.unlock();
        }
    }

    private void throwFailure() throws LinkException {
        if (failure != null) {
            throw failure;
        }
        if (closed) {
            throw new LeaseLost("the run has ended");
        }
    }

    /// Ends the sending thread.
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The sending thread's work: returns when this writer is closed, or at the first failure,
    /// which the writing thread then gets.
    void send() {
        try {
            while (true) {
                List<Frame> frames = new ArrayList<>();
                Barrier next = awaitBatch(frames);
                if (next == null && frames.isEmpty()) {
                    return;
                }
                long startNanos = System.nanoTime();
                Appended answer = dispatch(frames, next);
                if (answer != null) {
                    batch++;
                    flushMs = Math.clamp(answer.minFlushMs(), LEAST_FLUSH_MS, MOST_FLUSH_MS);
                }
                passed(next);
                if (!awaitPace(startNanos)) {
                    return;
                }
            }
        } catch (LinkException e) {
            stop(e);
        } catch (InterruptedException e) {
            stop(new LeaseLost(lease.reason()));
        }
    }

    private void stop(LinkException e) {
        if (e instanceof LeaseLost) {
            lease.lose(String.valueOf(e.getMessage()));
        }
        lock.lock();
        try {
            failure = e;
            waiting.clear();
            waitingBytes = 0;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void passed(@Nullable Barrier done) {
        lock.lock();
        try {
            if (done != null) {
                barrier = null;
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits for something to send. Fills `frames` with at most one batch and returns the barrier
    /// if it belongs to this batch. Nothing at all means: closed.
    private @Nullable Barrier awaitBatch(List<Frame> frames) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (waiting.isEmpty() && barrier == null && !closed) {
                changed.await();
            }
            if (closed) {
                return null;
            }
            int bytes = 0;
            while (!waiting.isEmpty()) {
                int more = FrameSize.bytes(waiting.peekFirst());
                if (!frames.isEmpty() && bytes + more > BATCH_BYTES) {
                    break;
                }
                frames.add(waiting.removeFirst());
                bytes += more;
            }
            waitingBytes -= bytes;
            urgent = false;
            changed.signalAll();
            return waiting.isEmpty() ? barrier : null;
        } finally {
            lock.unlock();
        }
    }

    /// Waits until the next batch may go.
    ///
    /// @return false when closed
    private boolean awaitPace(long startNanos) throws InterruptedException {
        long untilNanos = startNanos + TimeUnit.MILLISECONDS.toNanos(flushMs);
        lock.lockInterruptibly();
        try {
            while (!closed) {
                long left = untilNanos - System.nanoTime();
                boolean slowed = flushMs > LEAST_FLUSH_MS;
                if (left <= 0 || (!slowed && (urgent || barrier != null))) {
                    return true;
                }
                changed.awaitNanos(left);
            }
            return false;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Appended dispatch(List<Frame> frames, @Nullable Barrier end)
            throws LinkException, InterruptedException {
        return switch (end) {
            case null -> append(frames, null);
            case Barrier.Check(Checkpoint checkpoint) -> append(frames, checkpoint);
            case Barrier.Flush() -> frames.isEmpty() ? null : append(frames, null);
            case Barrier.Complete(Frame.Finish finish) -> {
                List<Frame> last = new ArrayList<>(frames);
                last.add(finish);
                var body = new CompleteRun(lease.token(), batch, last);
                lease.ending();
                yield untilAnswered(() -> link.complete(lease.runId(), body));
            }
        };
    }

    private Appended append(List<Frame> frames, @Nullable Checkpoint checkpoint)
            throws LinkException, InterruptedException {
        var body = new AppendFrames(lease.token(), batch, frames, checkpoint);
        Appended answer = untilAnswered(() -> link.append(lease.runId(), body));
        return Objects.requireNonNull(answer);
    }

    private interface Call<T extends @Nullable Object> {
        T make() throws LinkException, InterruptedException;
    }

    private <T extends @Nullable Object> T untilAnswered(Call<T> call)
            throws LinkException, InterruptedException {
        long firstNanos = System.nanoTime();
        for (int failures = 0; ; failures++) {
            lease.check();
            long startNanos = System.nanoTime();
            try {
                T answer = call.make();
                if (answer instanceof Appended stored) {
                    lease.renewed(startNanos, stored.leaseMs());
                }
                return answer;
            } catch (RelayAway e) {
                if (System.nanoTime() - firstNanos > GIVE_UP_NANOS) {
                    throw new LeaseLost("a batch found no answer: " + e.getMessage());
                }
                var pause = Backoff.LEASED.before(failures, ThreadLocalRandom.current());
                lease.pause(Math.max(pause.toMillis(), e.retryAfter().toMillis()));
            }
        }
    }
}
