package dev.tendril.service.run;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.BiConsumer;

/// SQL of turns that are queued together, and of where turns stand.
@Singleton
final class TurnStore {

    private static final String ENQUEUE =
            """
            insert into run as r (workspace_id, stream_id, kind, pool, message_id, answer_id, accepted_seq,
                                  state, ordinal, ready_at, first_seq, needs, priority)
            select w.id, x.stream, x.kind, x.pool, x.message, x.answer, x.seq,
                   case when x.busy then 'waiting' else 'ready' end, x.ordinal,
                   case when x.busy then null else now() end, case when x.busy then null else x.seq end,
                   w.needs, w.priority
              from (select n.*,
                           exists (select from run where stream_id = n.stream and state in ('waiting', 'ready', 'running')) as busy,
                           coalesce((select max(ordinal) from run where stream_id = n.stream), 0) + 1 as ordinal
                      from unnest(?::uuid[], ?::uuid[], ?::text[], ?::text[], ?::text[], ?::text[], ?::bigint[])
                           with ordinality n (workspace, stream, kind, pool, message, answer, seq, place)) x
              join workspace w on w.id = x.workspace
             order by x.place
            """
                    + RunStore.RETURNING;

    /// In the order of the claim. Who waits behind the head of a chat comes after all heads, since
    /// its turn has not come yet. Counted no farther than anybody wants to know: every post asks.
    private static final String POSITION =
            """
            select 1 + case when r.state = 'ready'
                     then (select count(*) from (
                               select from run q
                                where q.state = 'ready' and q.workspace_id = r.workspace_id and q.pool = r.pool
                                  and (q.priority, q.ready_at, q.id) < (r.priority, r.ready_at, r.id)
                                limit 999) ahead)
                     else (select count(*) from (
                               select from run q
                                where q.state = 'ready' and q.workspace_id = r.workspace_id and q.pool = r.pool
                                  and q.priority <= r.priority
                                limit 999) ahead)
                        + (select count(*) from run q
                            where q.state = 'waiting' and q.stream_id = r.stream_id and q.ordinal < r.ordinal)
                     end as position
              from run r where r.id = ? and r.workspace_id = ?
            """;

    /// The queue is counted only if one of these streams stands in it: every stream that is opened
    /// asks.
    private static final String HEADS =
            """
            with h as materialized (
                select id, stream_id, state from run
                 where workspace_id = ? and stream_id = any(?) and state in ('ready', 'running')
            )
            select h.stream_id, h.state, coalesce(least(q.position, 1000), 0) as position
              from h
              left join (select id, row_number() over (partition by pool order by priority, ready_at, id) as position
                           from run
                          where state = 'ready' and workspace_id = ?
                            and exists (select from h where h.state = 'ready')) q on q.id = h.id
            """;

    /// One turn for each of several streams, whose locks the caller holds.
    ///
    /// @param answerIds one for each
    List<Run> enqueue(Tx tx, List<NewRun> runs, List<String> answerIds) throws SQLException {
        return tx.list(
                ENQUEUE,
                RunStore::run,
                runs.stream().map(NewRun::workspaceId).toArray(UUID[]::new),
                runs.stream().map(NewRun::streamId).toArray(UUID[]::new),
                runs.stream().map(NewRun::kind).toArray(String[]::new),
                runs.stream().map(NewRun::pool).toArray(String[]::new),
                runs.stream().map(NewRun::messageId).toArray(String[]::new),
                answerIds.toArray(String[]::new),
                runs.stream().map(NewRun::acceptedSeq).toArray(Long[]::new));
    }

    int position(Tx tx, Run run) throws SQLException {
        Integer position =
                tx.first(POSITION, row -> row.getInt("position"), run.id(), run.workspaceId());
        return position == null ? 1 : position;
    }

    /// The same, sent with the next statement.
    void position(Tx tx, Run run, BiConsumer<Long, Integer> then) {
        tx.later(
                POSITION,
                row -> row.getInt("position"),
                rows -> rows.forEach(position -> then.accept(run.id(), position)),
                run.id(),
                run.workspaceId());
    }

    List<HeadStatus> heads(Tx tx, UUID workspaceId, Collection<UUID> streams) throws SQLException {
        return tx.list(
                HEADS,
                row ->
                        new HeadStatus(
                                Tx.uuid(row, "stream_id"),
                                RunState.of(row.getString("state")),
                                row.getInt("position")),
                workspaceId,
                streams.toArray(UUID[]::new),
                workspaceId);
    }
}
