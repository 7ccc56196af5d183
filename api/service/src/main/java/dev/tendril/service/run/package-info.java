/// The queue: runs, their leases, and what ends them. Knows nothing of chats; a feature takes part
/// as a [RunKind].
///
/// **Order.** Only the head of a stream is `ready` or `running`, the others are `waiting`, so a
/// claim needs no ordering per stream. Ending a run promotes the next.
///
/// **Claim.** Ready runs with equal needs are a line of their own in the index; a claim goes
/// through the lines that the worker's offers fit, by priority and then by when each run became a
/// head. Where a workspace has a limit of running runs, claims of it follow each other under the
/// lock of its row, and the end of a run rings for those whom the limit kept waiting.
///
/// **Together.** Claims, batches and ends of many runs share transactions, and the statements of a
/// transaction travel together. Each is still a statement of its own, with a snapshot of its own.
///
/// **Fencing.** A claim makes a random lease token. Every write of a worker is an `UPDATE` or a row
/// lock of the run's own row that compares it; a comparison in a subquery would be evaluated before
/// the wait for the lock, and let a stale write through. The fence number only orders events.
///
/// **Locks**, always in this order: a claim's key, the workspace's row, own run row, stream row,
/// the promoted run's row. Enqueue, retry and sweep start at the stream row. The promotion is a
/// statement of its own after the stream's lock, because only a new snapshot sees a message that
/// was stored while the lock was awaited.
///
/// **Time** is the database's.
@NullMarked
package dev.tendril.service.run;

import org.jspecify.annotations.NullMarked;
