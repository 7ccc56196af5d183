package dev.tendril.service.stream;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// SQL of streams and their events.
@Singleton
final class EventStore {

    /// Identity of the history, for [LogEpoch]. The timeline is the current write-ahead log's,
    /// which is right at once after a promotion.
    static final String HISTORY =
            """
            (select system_identifier from pg_control_system())
                || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)
                || '/' || 'stream'::regclass::oid
            """;

    private static final String CREATE =
            """
            insert into stream (workspace_id, kind) values (?, ?) returning id
            """;

    private static final String LOCK =
            """
            select last_seq from stream where id = ? and workspace_id = ? for update
            """;

    private static final String APPEND =
            """
            with s as (
                update stream set last_seq = last_seq + ?
                 where id = ? and workspace_id = ?
                returning id, workspace_id, last_seq
            )
            insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, fence, batch, kind, frames)
            select id, workspace_id, last_seq - ? + 1, last_seq, ?::bigint, ?::bigint, ?::integer, ?, ? from s
            returning last_seq
            """;

    private static final String APPEND_MESSAGES =
            """
            with x as (
                select * from unnest(?::uuid[], ?::uuid[], ?::bigint[], ?::text[]) as x (workspace, stream, run, frame)
            ), s as (
                update stream set last_seq = last_seq + 1
                  from x where stream.id = x.stream and stream.workspace_id = x.workspace
                returning stream.id, stream.last_seq
            )
            insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, kind, frames)
            select s.id, x.workspace, s.last_seq, s.last_seq, x.run, 'message', x.frame
              from s join x on x.stream = s.id
            returning stream_id, last_seq
            """;

    private static final String STATE =
            "select last_seq, retained_from, "
                    + HISTORY
                    + " as history from stream where id = ? and workspace_id = ?";

    private static final String HISTORY_NOW = "select " + HISTORY + " as history";

    private static final String AFTER =
            """
            select first_seq, last_seq, frames, left(pg_walfile_name(pg_current_wal_lsn()), 8) as timeline
              from (select first_seq, last_seq, frames,
                           sum(octet_length(frames)) over (order by last_seq) - octet_length(frames) as before
                      from event
                     where stream_id = ? and workspace_id = ? and last_seq > ?
                     order by last_seq limit 64) page
             where before < ?
             order by last_seq
            """;

    private static final String OF_RUN =
            """
            select last_seq, frames from event
             where run_id = ? and workspace_id = ? and first_seq > ?
             order by first_seq
            """;

    private static final String OF_RUNS =
            """
            select e.run_id, e.frames
              from unnest(?::bigint[], ?::uuid[]) as x (run, workspace)
              join run r on r.id = x.run and r.workspace_id = x.workspace
              join event e on e.run_id = r.id and e.first_seq > coalesce(r.first_seq, r.accepted_seq)
             order by e.run_id, e.first_seq
            """;

    private static final String LAST_SEQS =
            """
            select id, last_seq from stream where id = any(?)
            """;

    UUID create(Tx tx, UUID workspaceId, String kind) throws SQLException {
        UUID id = tx.first(CREATE, row -> Tx.uuid(row, "id"), workspaceId, kind);
        if (id == null) {
            throw new IllegalStateException("insert returned no row");
        }
        return id;
    }

    @Nullable Long lock(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return tx.first(LOCK, row -> row.getLong("last_seq"), streamId, workspaceId);
    }

    @Nullable Long append(
            Tx tx, UUID workspaceId, UUID streamId, EventKind kind, Origin origin, Batch batch)
            throws SQLException {
        return tx.first(
                APPEND,
                row -> row.getLong("last_seq"),
                batch.count(),
                streamId,
                workspaceId,
                batch.count(),
                origin.runId(),
                origin.fence(),
                origin.batch(),
                kind.sql(),
                batch.lines());
    }

    /// One message each, with its line of JSON. Sent with the next statement.
    ///
    /// @param grown is told of the streams
    void append(Tx tx, List<NewMessage> messages, List<String> lines, Consumer<Hint> grown) {
        tx.later(
                APPEND_MESSAGES,
                row -> Hint.stream(Tx.uuid(row, "stream_id"), row.getLong("last_seq")),
                hints -> hints.forEach(grown),
                messages.stream().map(NewMessage::workspaceId).toArray(UUID[]::new),
                messages.stream().map(NewMessage::streamId).toArray(UUID[]::new),
                messages.stream().map(NewMessage::runId).toArray(Long[]::new),
                lines.toArray(String[]::new));
    }

    @Nullable StreamState state(Tx tx, UUID workspaceId, UUID streamId) throws SQLException {
        return tx.first(
                STATE,
                row ->
                        new StreamState(
                                LogEpoch.of(row.getString("history")),
                                row.getLong("last_seq"),
                                row.getLong("retained_from")),
                streamId,
                workspaceId);
    }

    String epoch(Tx tx) throws SQLException {
        String history = tx.first(HISTORY_NOW, row -> row.getString("history"));
        if (history == null) {
            throw new IllegalStateException("no history");
        }
        return LogEpoch.of(history);
    }

    void epoch(Tx tx, Consumer<String> then) {
        tx.later(
                HISTORY_NOW,
                row -> LogEpoch.of(row.getString("history")),
                words -> words.forEach(then));
    }

    List<StoredBatch> after(Tx tx, UUID workspaceId, UUID streamId, long seq, int bytes)
            throws SQLException {
        return tx.list(
                AFTER,
                row ->
                        new StoredBatch(
                                row.getLong("first_seq"),
                                row.getLong("last_seq"),
                                row.getString("frames"),
                                row.getString("timeline")),
                streamId,
                workspaceId,
                seq,
                bytes);
    }

    List<RunLines> ofRun(Tx tx, UUID workspaceId, long runId, long seq) throws SQLException {
        return tx.list(
                OF_RUN,
                row -> new RunLines(row.getLong("last_seq"), row.getString("frames")),
                runId,
                workspaceId,
                seq);
    }

    List<LinesOfRun> ofRuns(Tx tx, Collection<Long> runs, Collection<UUID> workspaces)
            throws SQLException {
        return tx.list(
                OF_RUNS,
                row -> new LinesOfRun(row.getLong("run_id"), row.getString("frames")),
                runs.toArray(Long[]::new),
                workspaces.toArray(UUID[]::new));
    }

    List<Hint> lastSeqs(Tx tx, Collection<UUID> streams) throws SQLException {
        return tx.list(
                LAST_SEQS,
                row -> Hint.stream(Tx.uuid(row, "id"), row.getLong("last_seq")),
                (Object) streams.toArray(UUID[]::new));
    }

    record Batch(int count, String lines) {}

    record LinesOfRun(long run, String lines) {}

    record RunLines(long lastSeq, String lines) {}
}
