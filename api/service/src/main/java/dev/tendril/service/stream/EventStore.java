package dev.tendril.service.stream;

import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
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

    /// One message each, with its line of JSON.
    List<Hint> append(Tx tx, List<NewMessage> messages, List<String> lines) throws SQLException {
        List<Hint> grown =
                tx.list(
                        APPEND_MESSAGES,
                        row -> Hint.stream(Tx.uuid(row, "stream_id"), row.getLong("last_seq")),
                        messages.stream().map(NewMessage::workspaceId).toArray(UUID[]::new),
                        messages.stream().map(NewMessage::streamId).toArray(UUID[]::new),
                        messages.stream().map(NewMessage::runId).toArray(Long[]::new),
                        lines.toArray(String[]::new));
        if (grown.size() != messages.size()) {
            throw new IllegalStateException("no such stream");
        }
        return grown;
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

    List<Hint> lastSeqs(Tx tx, Collection<UUID> streams) throws SQLException {
        return tx.list(
                LAST_SEQS,
                row -> Hint.stream(Tx.uuid(row, "id"), row.getLong("last_seq")),
                (Object) streams.toArray(UUID[]::new));
    }

    record Batch(int count, String lines) {}

    record RunLines(long lastSeq, String lines) {}
}
