package dev.tendril.service.run;

import dev.tendril.contract.run.Checkpoint;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// SQL of what a worker writes under its lease: batches of frames, checkpoints, the end.
@Singleton
final class FrameStore {

    private static final String APPEND =
            """
            with l as (
                select id, stream_id, workspace_id, fence from run
                 where id = ? and workspace_id = ? and worker_id = ? and state = 'running'
                   and lease_token = ? and next_batch = ?
                   and (? = 0 or opened = (?::text is null)) and (?::text is null or answer_id = ?)
                   for update
            ), u as (
                update run r
                   set next_batch = next_batch + 1, accepted_at = coalesce(accepted_at, now()),
                       lease_until = now() + make_interval(secs => ?), opened = opened or ?::text is not null
                  from l where r.id = l.id
            ), s as (
                update stream set last_seq = last_seq + ?
                  from l where stream.id = l.stream_id
                returning stream.id, stream.last_seq
            ), e as (
                insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, fence, batch, kind, frames)
                select l.stream_id, l.workspace_id, s.last_seq - ? + 1, s.last_seq, l.id, l.fence, ?, 'frames', ?
                  from l join s on s.id = l.stream_id
                 where ? > 0
            )
            select s.id as stream_id, s.last_seq from s
            """;

    private static final String APPEND_ALL =
            """
            with x as (
                select * from unnest(?::bigint[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::bigint[],
                                     ?::text[], ?::text[])
                    as x (run, workspace, worker, token, batch, count, start, frames)
            ), l as (
                select r.id, r.stream_id, r.workspace_id, r.fence, x.batch, x.count, x.start, x.frames
                  from run r
                  join x on r.id = x.run and r.workspace_id = x.workspace and r.worker_id = x.worker
                        and r.lease_token = x.token and r.next_batch = x.batch
                 where r.state = 'running'
                   and r.opened = (x.start is null) and (x.start is null or r.answer_id = x.start)
                 order by r.id for update of r skip locked
            ), k as (
                select st.id from stream st join l on l.stream_id = st.id for update of st skip locked
            ), u as (
                update run r
                   set next_batch = next_batch + 1, accepted_at = coalesce(accepted_at, now()),
                       lease_until = now() + make_interval(secs => ?), opened = opened or l.start is not null
                  from l join k on k.id = l.stream_id
                 where r.id = l.id
            ), s as (
                update stream set last_seq = last_seq + l.count
                  from l join k on k.id = l.stream_id
                 where stream.id = l.stream_id
                returning l.id as run_id, stream.id, stream.last_seq
            ), e as (
                insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, fence, batch, kind, frames)
                select l.stream_id, l.workspace_id, s.last_seq - l.count + 1, s.last_seq, l.id, l.fence, l.batch,
                       'frames', l.frames
                  from l join s on s.run_id = l.id
            )
            select s.run_id, s.id as stream_id, s.last_seq from s
            """;

    private static final String RENEW =
            """
            update run
               set accepted_at = coalesce(accepted_at, now()), lease_until = now() + make_interval(secs => ?)
             where id = ? and workspace_id = ? and worker_id = ? and state = 'running' and lease_token = ?
            """;

    private static final String SETTLE =
            """
            update run set settled_seq = ? where id = ? and workspace_id = ?
            """;

    private static final String CHECKPOINT =
            """
            insert into checkpoint (run_id, workspace_id, step, fence, state)
            select ?, ?, ?, r.fence, ? from run r
             where r.id = ? and ? = 1 + coalesce((select max(step) from checkpoint where run_id = r.id), 0)
            """;

    private static final String DROP_CHECKPOINTS =
            """
            delete from checkpoint where run_id = ? and workspace_id = ? and step < ?
            """;

    private static final String LAST_CHECKPOINT =
            """
            select step, state from checkpoint
             where run_id = ? and workspace_id = ? order by step desc limit 1
            """;

    private static final String BATCH_SEQ =
            """
            select max(last_seq) as last_seq from event
             where run_id = ? and workspace_id = ? and fence = ? and batch = ?
            """;

    private static final String DONE_SEQ =
            """
            select last_seq from event where run_id = ? and workspace_id = ? and kind = 'done'
            """;

    private static final String FINISH =
            """
            with r as (
                update run
                   set state = 'done', ended_at = now(), ended_token = lease_token, lease_token = null, lease_until = null
                 where id = ? and workspace_id = ? and worker_id = ? and state = 'running'
                   and lease_token = ? and next_batch = ?
                   and opened = (?::text is null) and (?::text is null or answer_id = ?)
                returning *
            ), d as (
                delete from checkpoint c using r where c.run_id = r.id
            ), s as (
                update stream set last_seq = last_seq + ?
                  from r where stream.id = r.stream_id
                returning stream.id, stream.last_seq
            ), e as (
                insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, fence, batch, kind, frames)
                select r.stream_id, r.workspace_id, s.last_seq - ? + 1, s.last_seq, r.id, r.fence, ?, 'done', ?
                  from r join s on s.id = r.stream_id
            )
            select s.last_seq,
            """
                    + RunStore.COLUMNS
                    + " from r join s on s.id = r.stream_id";

    private static final String FINISH_ALL =
            """
            with y as (
                select * from unnest(?::bigint[], ?::uuid[], ?::uuid[], ?::uuid[], ?::bigint[], ?::bigint[],
                                     ?::text[], ?::text[])
                    as y (run, workspace, worker, token, batch, count, start, frames)
            ), l as (
                select r.id, r.stream_id, y.batch, y.count, y.frames
                  from run r
                  join y on r.id = y.run and r.workspace_id = y.workspace and r.worker_id = y.worker
                        and r.lease_token = y.token and r.next_batch = y.batch
                 where r.state = 'running'
                   and r.opened = (y.start is null) and (y.start is null or r.answer_id = y.start)
                 order by r.id for update of r skip locked
            ), k as (
                select st.id from stream st join l on l.stream_id = st.id for update of st skip locked
            ), u as (
                update run r
                   set state = 'done', ended_at = now(), ended_token = lease_token, lease_token = null, lease_until = null
                  from l join k on k.id = l.stream_id
                 where r.id = l.id
                returning r.*
            ), d as (
                delete from checkpoint c using u where c.run_id = u.id
            ), s as (
                update stream set last_seq = last_seq + l.count
                  from l join k on k.id = l.stream_id
                 where stream.id = l.stream_id
                returning l.id as run_id, stream.last_seq
            ), e as (
                insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, fence, batch, kind, frames)
                select u.stream_id, u.workspace_id, s.last_seq - l.count + 1, s.last_seq, u.id, u.fence, l.batch,
                       'done', l.frames
                  from u join s on s.run_id = u.id join l on l.id = u.id
            )
            select s.last_seq,
            """
                    + RunStore.COLUMNS
                    + " from u r join s on s.run_id = r.id";

    private final Lease lease;

    FrameStore(Lease lease) {
        this.lease = lease;
    }

    /// Stores a batch if the lease, the number and `start` fit, all compared in the row lock
    /// itself.
    ///
    /// @return null when one of them does not
    @Nullable Appended append(Tx tx, LeasedCall call, int batch, Lines lines) throws SQLException {
        return tx.first(
                APPEND,
                row ->
                        new Appended(
                                call.runId(), Tx.uuid(row, "stream_id"), row.getLong("last_seq")),
                call.runId(),
                call.workspaceId(),
                call.workerId(),
                call.token(),
                batch,
                lines.count(),
                lines.startId(),
                lines.startId(),
                lines.startId(),
                lease.leaseSeconds(),
                lines.startId(),
                lines.count(),
                lines.count(),
                batch,
                lines.text(),
                lines.count());
    }

    /// Stores batches with at least one frame, of different runs, if their leases, numbers and
    /// `start` fit. Waits for no lock.
    ///
    /// @return those that were stored; the others do not fit, or somebody holds their run or stream
    List<Appended> appendAll(Tx tx, List<Batch> batches) throws SQLException {
        Object[] columns = Arrays.copyOf(columns(batches), 9);
        columns[8] = lease.leaseSeconds();
        return tx.list(
                APPEND_ALL,
                row ->
                        new Appended(
                                row.getLong("run_id"),
                                Tx.uuid(row, "stream_id"),
                                row.getLong("last_seq")),
                columns);
    }

    /// Ends runs with their last frames, as [#finish] does one. Waits for no lock; sent with the
    /// next statement.
    ///
    /// @param finished is told of those that ended; the others do not fit, or somebody holds their
    ///   run or stream
    void finishAll(Tx tx, List<Batch> last, Consumer<Finished> finished) {
        tx.later(
                FINISH_ALL,
                row -> new Finished(RunStore.run(row), row.getLong("last_seq")),
                rows -> rows.forEach(finished),
                columns(last));
    }

    private static Object[] columns(List<Batch> batches) {
        return new Object[] {
            batches.stream().map(batch -> batch.call().runId()).toArray(Long[]::new),
            batches.stream().map(batch -> batch.call().workspaceId()).toArray(UUID[]::new),
            batches.stream().map(batch -> batch.call().workerId()).toArray(UUID[]::new),
            batches.stream().map(batch -> batch.call().token()).toArray(UUID[]::new),
            batches.stream().map(batch -> (long) batch.number()).toArray(Long[]::new),
            batches.stream().map(batch -> (long) batch.lines().count()).toArray(Long[]::new),
            batches.stream().map(batch -> batch.lines().startId()).toArray(String[]::new),
            batches.stream().map(batch -> batch.lines().text()).toArray(String[]::new)
        };
    }

    boolean renew(Tx tx, LeasedCall call) throws SQLException {
        return tx.update(
                        RENEW,
                        lease.leaseSeconds(),
                        call.runId(),
                        call.workspaceId(),
                        call.workerId(),
                        call.token())
                == 1;
    }

    void settle(Tx tx, UUID workspaceId, long runId, long seq) throws SQLException {
        tx.update(SETTLE, seq, runId, workspaceId);
    }

    /// Keeps this checkpoint alone.
    ///
    /// @return false when its step is not the next one
    boolean checkpoint(Tx tx, LeasedCall call, Checkpoint checkpoint) throws SQLException {
        int stored =
                tx.update(
                        CHECKPOINT,
                        call.runId(),
                        call.workspaceId(),
                        checkpoint.step(),
                        checkpoint.state(),
                        call.runId(),
                        checkpoint.step());
        if (stored == 1) {
            tx.update(DROP_CHECKPOINTS, call.runId(), call.workspaceId(), checkpoint.step());
        }
        return stored == 1;
    }

    void dropCheckpoints(Tx tx, Run run) throws SQLException {
        tx.update(DROP_CHECKPOINTS, run.id(), run.workspaceId(), Integer.MAX_VALUE);
    }

    @Nullable Checkpoint lastCheckpoint(Tx tx, Run run) throws SQLException {
        if (run.fence() == 1) {
            return null; // its first claim: nobody has worked on it before
        }
        return tx.first(
                LAST_CHECKPOINT,
                row -> new Checkpoint(row.getInt("step"), row.getString("state")),
                run.id(),
                run.workspaceId());
    }

    /// Seq of a batch of the present attempt; null when it had no frames.
    @Nullable Long batchSeq(Tx tx, Run run, int batch) throws SQLException {
        Seq seq =
                tx.first(
                        BATCH_SEQ,
                        row -> new Seq(Tx.number(row, "last_seq")),
                        run.id(),
                        run.workspaceId(),
                        run.fence(),
                        batch);
        return seq == null ? null : seq.value();
    }

    @Nullable Long doneSeq(Tx tx, Run run) throws SQLException {
        return tx.first(DONE_SEQ, row -> row.getLong("last_seq"), run.id(), run.workspaceId());
    }

    /// Ends a run with its last frames and drops its checkpoint. Takes the stream's lock.
    @Nullable Finished finish(Tx tx, LeasedCall call, int batch, Lines last) throws SQLException {
        return tx.first(
                FINISH,
                row -> new Finished(RunStore.run(row), row.getLong("last_seq")),
                call.runId(),
                call.workspaceId(),
                call.workerId(),
                call.token(),
                batch,
                last.startId(),
                last.startId(),
                last.startId(),
                last.count(),
                last.count(),
                batch,
                last.text());
    }

    /// @param lastSeq of the stream, with the run's last frames
    record Finished(Run run, long lastSeq) {}

    /// @param startId the `start` frame's message id, when the batch begins with one
    record Lines(int count, String text, @Nullable String startId) {}

    record Batch(LeasedCall call, int number, Lines lines) {}

    record Appended(long runId, UUID streamId, long lastSeq) {}

    private record Seq(@Nullable Long value) {}
}
