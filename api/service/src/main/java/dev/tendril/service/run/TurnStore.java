package dev.tendril.service.run;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

/// SQL of turns that are queued together.
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
}
