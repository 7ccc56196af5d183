package dev.tendril.service.run;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/// What may happen to the queue. A lease is named by its age: 0 is the last that was handed out, so
/// that old ones are called stale. A command that finds nothing to act upon does nothing.
sealed interface QueueCommand {

    /// Chats of a case.
    int CHATS = 3;

    /// Workers of a case.
    int WORKERS = 3;

    /// A visitor's message.
    record Post(int chat) implements QueueCommand {}

    /// @param again with the worker's last key
    record Claim(int worker, int capacity, boolean again) implements QueueCommand {}

    /// A batch: the next, an earlier or a later one.
    ///
    /// @param batches 0 is the next, -1 the one before, 1 the one after
    /// @param checkpoint what its step is ahead of the right one; null for none
    record Append(int lease, int batches, Check checkpoint) implements QueueCommand {}

    /// What comes with a batch.
    enum Check {
        /// Frames alone.
        NONE,
        /// Frames and the next checkpoint.
        NEXT,
        /// A checkpoint without frames.
        BARE,
        /// Frames and a checkpoint that leaves a step out.
        SKIPPED
    }

    /// A batch from a worker that the lease was not given to.
    record Foreign(int lease) implements QueueCommand {}

    /// @param batches as with [Append]
    record Complete(int lease, int batches) implements QueueCommand {}

    /// The worker gives up.
    record Fail(int lease) implements QueueCommand {}

    /// The worker gives back.
    record Release(int lease) implements QueueCommand {}

    /// The worker lives.
    record Heartbeat(int lease) implements QueueCommand {}

    /// The visitor has enough.
    record Stop(int chat) implements QueueCommand {}

    /// The visitor wants the last turn again.
    record Retry(int chat) implements QueueCommand {}

    /// The lease's time is over.
    record Expire(int lease) implements QueueCommand {}

    /// The head's time is over: its deadline, or the day in which somebody should have claimed it.
    record Overdue(int chat) implements QueueCommand {}

    /// A head that nobody had claimed waits behind nothing, as if its promotion had been lost.
    record Strand(int chat) implements QueueCommand {}

    /// Reaps, ends what is late, sweeps.
    record Reap() implements QueueCommand {}

    /// A case.
    static List<QueueCommand> sequence(RandomGenerator random, int length) {
        List<QueueCommand> commands = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            commands.add(any(random));
        }
        return commands;
    }

    private static QueueCommand any(RandomGenerator random) {
        int chat = random.nextInt(CHATS);
        int lease = random.nextInt(3) > 0 ? random.nextInt(2) : random.nextInt(6);
        int batches = random.nextInt(6) > 0 ? 0 : random.nextInt(-2, 2);
        return switch (random.nextInt(32)) {
            case 0, 1, 2, 3, 4 -> new Post(chat);
            case 5, 6, 7, 8, 9, 10 ->
                    new Claim(
                            random.nextInt(WORKERS), random.nextInt(1, 4), random.nextInt(5) == 0);
            case 11, 12, 13, 14, 15, 16 -> new Append(lease, batches, Check.NONE);
            case 17 -> new Append(lease, batches, Check.NEXT);
            case 18 ->
                    new Append(lease, batches, random.nextBoolean() ? Check.BARE : Check.SKIPPED);
            case 19, 20, 21 -> new Complete(lease, batches);
            case 22 -> new Fail(lease);
            case 23 -> new Release(lease);
            case 24 -> new Heartbeat(lease);
            case 25 -> new Stop(chat);
            case 26 -> new Retry(chat);
            case 27 -> new Expire(lease);
            case 28 -> random.nextInt(3) == 0 ? new Overdue(chat) : new Expire(lease);
            case 29 -> random.nextBoolean() ? new Strand(chat) : new Foreign(lease);
            default -> new Reap();
        };
    }
}
