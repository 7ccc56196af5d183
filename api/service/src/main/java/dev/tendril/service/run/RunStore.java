package dev.tendril.service.run;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// SQL of the queue: runs and their leases.
@Singleton
final class RunStore {

    static final String COLUMNS =
            """
             r.id, r.workspace_id, r.stream_id, r.kind, r.pool, r.state, r.ordinal, r.message_id, r.answer_id,
             r.attempt, r.fence, r.lease_token, r.ended_token, r.accepted_at is not null as accepted,
             r.deadline_at is null as unclaimed,
             r.next_batch, r.opened, r.accepted_seq, coalesce(r.first_seq, r.accepted_seq) as start_seq,
             greatest(r.settled_seq, r.first_seq, r.accepted_seq) as settled_seq,
             (select w.max_running is not null from workspace w where w.id = r.workspace_id) as limited
            """;

    static final String RETURNING = " returning " + COLUMNS;

    private static final String ENQUEUE =
            """
            insert into run as r (workspace_id, stream_id, kind, pool, message_id, answer_id, accepted_seq,
                                  state, ordinal, ready_at, first_seq, needs, priority)
            select w.id, x.stream, ?, ?, ?, ?, x.seq,
                   case when x.busy then 'waiting' else 'ready' end, x.ordinal,
                   case when x.busy then null else now() end, case when x.busy then null else x.seq end,
                   w.needs, w.priority
              from (select ?::uuid as stream, ?::bigint as seq,
                           exists (select from run where stream_id = ? and state in ('waiting', 'ready', 'running')) as busy,
                           coalesce((select max(ordinal) from run where stream_id = ?), 0) + 1 as ordinal) x
              join workspace w on w.id = ?
            """
                    + RETURNING;

    private static final String FAIL_LEASED =
            """
            update run r
               set state = 'failed', ended_at = now(), ended_token = lease_token, lease_token = null, lease_until = null,
                   failure_code = ?, failure_text = ?, retryable = ?
             where id = ? and workspace_id = ? and worker_id = ? and state = 'running' and lease_token = ?
            """
                    + RETURNING;

    private static final String FAIL =
            """
            update run r
               set state = 'failed', ended_at = now(), fence = fence + 1, lease_token = null, lease_until = null,
                   failure_code = ?, failure_text = ?, retryable = ?
             where id = ? and workspace_id = ? and state in ('ready', 'running')
            """
                    + RETURNING;

    private static final String RELEASE =
            """
            update run r
               set state = 'ready', attempt = greatest(attempt - 1, 0), fence = fence + 1, ended_token = lease_token,
                   lease_token = null, lease_until = null, claim_key = null, accepted_at = null
             where id = ? and workspace_id = ? and worker_id = ? and state = 'running' and lease_token = ?
            """
                    + RETURNING;

    private static final String REQUEUE =
            """
            update run r
               set state = 'ready', attempt = ?, fence = fence + 1,
                   lease_token = null, lease_until = null, claim_key = null, accepted_at = null
             where id = ? and workspace_id = ? and state = 'running'
            """
                    + RETURNING;

    private static final String EXPIRED =
            "select"
                    + COLUMNS
                    + """
                    from run r
                    where r.state = 'running' and r.lease_until < now()
                    order by r.lease_until limit 1 for update skip locked
                    """;

    private static final String HELD_BY_OTHER =
            "select"
                    + COLUMNS
                    + """
                    from run r
                    where r.state = 'running' and r.workspace_id = ? and r.worker_id = ? and r.instance <> ?
                    order by r.id limit 1 for update
                    """;

    private static final String LATE =
            "select"
                    + COLUMNS
                    + """
                    from run r
                    where r.state in ('ready', 'running')
                      and (r.deadline_at < now() or r.deadline_at is null and r.ready_at < now() - interval '24 h')
                    order by r.id limit 1 for update skip locked
                    """;

    private static final String STRANDED =
            """
            select distinct w.workspace_id, w.stream_id from run w
             where w.state = 'waiting'
               and not exists (select from run h where h.stream_id = w.stream_id and h.state in ('ready', 'running'))
             limit 20
            """;

    private static final String PROMOTE =
            """
            with next as materialized (
                select x.seq,
                       (select id from run
                         where stream_id = x.stream and workspace_id = x.workspace and state = 'waiting'
                         order by ordinal limit 1) as id
                  from unnest(?::uuid[], ?::uuid[], ?::bigint[]) as x (stream, workspace, seq)
            )
            update run r set state = 'ready', ready_at = now(), first_seq = next.seq
              from next
             where r.id = any(array(select id from next)) and r.id = next.id
               and not exists (select from run h where h.stream_id = r.stream_id and h.state in ('ready', 'running'))
            """
                    + RETURNING;

    private static final String LOCK_HEAD =
            """
            select r.id from run r
             where r.stream_id = ? and r.workspace_id = ? and r.state in ('ready', 'running')
               for update
            """;

    private static final String CANCEL =
            """
            update run r
               set state = 'cancelled', ended_at = now(), fence = fence + 1, lease_token = null, lease_until = null
             where id = ? and workspace_id = ? and state in ('waiting', 'ready', 'running')
            """
                    + RETURNING;

    private static final String LIVE =
            "select"
                    + COLUMNS
                    + """
                    from run r
                    where r.stream_id = ? and r.workspace_id = ? and r.state in ('waiting', 'ready', 'running')
                    order by r.ordinal
                    """;

    private static final String LAST =
            "select"
                    + COLUMNS
                    + """
                    from run r where r.stream_id = ? and r.workspace_id = ?
                    order by r.ordinal desc limit 1
                    """;

    private static final String OF_MESSAGE =
            "select"
                    + COLUMNS
                    + """
                    from run r where r.stream_id = ? and r.workspace_id = ? and r.message_id = ?
                    order by r.ordinal desc limit 1
                    """;

    private static final String BY_ID =
            "select" + COLUMNS + "from run r where r.id = ? and r.workspace_id = ?";

    private static final String RETRY =
            """
            update run r
               set state = case when x.busy then 'waiting' else 'ready' end,
                   ready_at = case when x.busy then null else now() end,
                   first_seq = case when x.busy then null else x.seq end,
                   ordinal = ordinal + 1, answer_id = ?, attempt = 0,
                   fence = fence + 1, next_batch = 1, opened = false, accepted_seq = x.seq, settled_seq = null,
                   ended_token = null, worker_id = null, claim_key = null, accepted_at = null, deadline_at = null,
                   failure_code = null, failure_text = null, retryable = null, ended_at = null
              from (select ?::bigint as seq,
                           exists (select from run where stream_id = ? and state in ('waiting', 'ready', 'running')) as busy) x
             where id = ? and workspace_id = ? and state in ('failed', 'cancelled')
            """
                    + RETURNING;

    Run enqueue(Tx tx, NewRun run, String answerId) throws SQLException {
        Run stored =
                tx.first(
                        ENQUEUE,
                        RunStore::run,
                        run.kind(),
                        run.pool(),
                        run.messageId(),
                        answerId,
                        run.streamId(),
                        run.acceptedSeq(),
                        run.streamId(),
                        run.streamId(),
                        run.workspaceId());
        if (stored == null) {
            throw new IllegalStateException("insert returned no row");
        }
        return stored;
    }

    @Nullable Run fail(Tx tx, LeasedCall call, RunFailure failure) throws SQLException {
        return tx.first(
                FAIL_LEASED,
                RunStore::run,
                failure.code(),
                failure.text(),
                failure.retryable(),
                call.runId(),
                call.workspaceId(),
                call.workerId(),
                call.token());
    }

    @Nullable Run fail(Tx tx, Run run, RunFailure failure) throws SQLException {
        return tx.first(
                FAIL,
                RunStore::run,
                failure.code(),
                failure.text(),
                failure.retryable(),
                run.id(),
                run.workspaceId());
    }

    @Nullable Run release(Tx tx, LeasedCall call) throws SQLException {
        return tx.first(
                RELEASE,
                RunStore::run,
                call.runId(),
                call.workspaceId(),
                call.workerId(),
                call.token());
    }

    @Nullable Run requeue(Tx tx, Run run, int attempt) throws SQLException {
        return tx.first(REQUEUE, RunStore::run, attempt, run.id(), run.workspaceId());
    }

    /// Locks a run whose lease has ended, of any workspace; null when there is none.
    @Nullable Run expired(Tx tx) throws SQLException {
        return tx.first(EXPIRED, RunStore::run);
    }

    /// Locks a run that another process of the worker holds; null when there is none.
    @Nullable Run heldByOther(Tx tx, UUID workspaceId, UUID workerId, UUID instance)
            throws SQLException {
        return tx.first(HELD_BY_OTHER, RunStore::run, workspaceId, workerId, instance);
    }

    /// Locks a run that is past its deadline, of any workspace; null when there is none.
    @Nullable Run late(Tx tx) throws SQLException {
        return tx.first(LATE, RunStore::run);
    }

    List<Stranded> stranded(Tx tx) throws SQLException {
        return tx.list(
                STRANDED,
                row -> new Stranded(Tx.uuid(row, "workspace_id"), Tx.uuid(row, "stream_id")));
    }

    /// Makes the first waiting run the head. The caller holds the stream's lock, taken by an
    /// earlier statement. Makes each stream's next run its head. The caller holds the streams'
    /// locks, taken by an earlier statement.
    ///
    /// @param promoted is told of each
    void promote(Tx tx, List<Place> places, Consumer<Run> promoted) {
        tx.later(
                PROMOTE,
                RunStore::run,
                runs -> runs.forEach(promoted),
                places.stream().map(Place::streamId).toArray(UUID[]::new),
                places.stream().map(Place::workspaceId).toArray(UUID[]::new),
                places.stream().map(Place::lastSeq).toArray(Long[]::new));
    }

    @Nullable Long lockHead(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return tx.first(LOCK_HEAD, row -> row.getLong("id"), streamId, workspaceId);
    }

    @Nullable Run cancel(Tx tx, Run run) throws SQLException {
        return tx.first(CANCEL, RunStore::run, run.id(), run.workspaceId());
    }

    /// Runs of the stream that have not ended, the head first.
    List<Run> live(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return tx.list(LIVE, RunStore::run, streamId, workspaceId);
    }

    @Nullable Run last(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return tx.first(LAST, RunStore::run, streamId, workspaceId);
    }

    @Nullable Run ofMessage(Tx tx, UUID workspaceId, UUID streamId, String messageId)
            throws SQLException {
        return tx.first(OF_MESSAGE, RunStore::run, streamId, workspaceId, messageId);
    }

    @Nullable Run byId(Tx tx, UUID workspaceId, long runId) throws SQLException {
        return tx.first(BY_ID, RunStore::run, runId, workspaceId);
    }

    /// Queues an ended run again. The caller holds the stream's lock, taken by an earlier
    /// statement.
    @Nullable Run retry(Tx tx, Run run, String answerId, long lastSeq) throws SQLException {
        return tx.first(
                RETRY,
                RunStore::run,
                answerId,
                lastSeq,
                run.streamId(),
                run.id(),
                run.workspaceId());
    }

    static Run run(ResultSet row) throws SQLException {
        return new Run(
                row.getLong("id"),
                Tx.uuid(row, "workspace_id"),
                Tx.uuid(row, "stream_id"),
                row.getString("kind"),
                row.getString("pool"),
                RunState.of(row.getString("state")),
                row.getLong("ordinal"),
                row.getString("message_id"),
                row.getString("answer_id"),
                row.getInt("attempt"),
                row.getLong("fence"),
                row.getObject("lease_token", UUID.class),
                row.getObject("ended_token", UUID.class),
                row.getBoolean("accepted"),
                row.getBoolean("unclaimed"),
                row.getInt("next_batch"),
                row.getBoolean("opened"),
                row.getLong("accepted_seq"),
                row.getLong("start_seq"),
                row.getLong("settled_seq"),
                row.getBoolean("limited"));
    }

    /// Where a stream stands.
    record Place(UUID workspaceId, UUID streamId, long lastSeq) {}

    record Stranded(UUID workspaceId, UUID streamId) {}
}
