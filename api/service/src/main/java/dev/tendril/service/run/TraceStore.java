package dev.tendril.service.run;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.trace.Span;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;

/// SQL of what travels with checkpoints beside their state: traces and the chats' snapshots.
@Singleton
final class TraceStore {

    /// A span that a repeated or later checkpoint tells again stays as it was first told.
    private static final String KEEP =
            """
            insert into trace_span (run_id, workspace_id, span_id, attempt, step, kind, name, started_at, ms, first_ms,
                                    outcome, tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost, input, output)
            select r.id, r.workspace_id, ?, r.attempt, ?, ?, ?, ?, ?, ?::bigint,
                   ?, ?::bigint, ?::bigint, ?::bigint, ?::bigint, ?::numeric, ?, ?
              from run r where r.id = ? and r.workspace_id = ?
            on conflict do nothing
            """;

    private static final String LIST =
            """
            select span_id, attempt, step, kind, name, started_at, ms, first_ms, outcome,
                   tokens_in, tokens_out, tokens_cached, tokens_reasoning, cost, input, output
              from trace_span
             where run_id = ? and workspace_id = ?
             order by step, kind = 'tool', started_at, span_id limit 1000
            """;

    private static final String SNAP =
            """
            insert into agent_snapshot (stream_id, workspace_id, run_id, state) values (?, ?, ?, ?)
            on conflict (stream_id)
            do update set run_id = excluded.run_id, state = excluded.state, at = now()
            """;

    private static final String SNAPSHOT =
            """
            select stream_id, state from agent_snapshot where workspace_id = ? and stream_id = any(?)
            """;

    /// Keeps a checkpoint's spans and its snapshot.
    void keep(Tx tx, LeasedCall call, UUID streamId, Checkpoint checkpoint) {
        List<Span> spans = checkpoint.spans();
        if (spans != null) {
            for (Span span : spans) {
                keep(tx, call, span);
            }
        }
        if (checkpoint.snapshot() != null) {
            tx.later(SNAP, streamId, call.workspaceId(), call.runId(), checkpoint.snapshot());
        }
    }

    private static void keep(Tx tx, LeasedCall call, Span span) {
        Span.Spent spent = span.spent();
        Metadata.Usage usage = spent == null ? null : spent.usage();
        Span.Words words = span.words();
        tx.later(
                KEEP,
                span.id(),
                span.step(),
                span.kind().name().toLowerCase(Locale.ROOT),
                span.name(),
                OffsetDateTime.ofInstant(span.time().startedAt(), ZoneOffset.UTC),
                span.time().ms(),
                span.time().firstMs(),
                span.outcome(),
                usage == null ? null : usage.in(),
                usage == null ? null : usage.out(),
                usage == null ? null : usage.cached(),
                usage == null ? null : usage.reasoning(),
                spent == null ? null : spent.cost(),
                words == null ? null : words.input(),
                words == null ? null : words.output(),
                call.runId(),
                call.workspaceId());
    }

    /// What workers left with the last turn of these runs' chats that left something, by chat.
    ///
    /// @param runs of one workspace
    Map<UUID, String> snapshots(Tx tx, List<Run> runs) throws SQLException {
        UUID[] chats =
                runs.stream()
                        .filter(run -> run.ordinal() > 1) // a chat's first turn has none
                        .map(Run::streamId)
                        .toArray(UUID[]::new);
        Map<UUID, String> snapshots = new HashMap<>();
        if (chats.length > 0) {
            tx.list(
                            SNAPSHOT,
                            row -> Map.entry(Tx.uuid(row, "stream_id"), row.getString("state")),
                            runs.getFirst().workspaceId(),
                            chats)
                    .forEach(entry -> snapshots.put(entry.getKey(), entry.getValue()));
        }
        return snapshots;
    }

    List<TracedSpan> list(Tx tx, UUID workspaceId, long runId) throws SQLException {
        return tx.list(LIST, TraceStore::traced, runId, workspaceId);
    }

    private static TracedSpan traced(ResultSet row) throws SQLException {
        String input = row.getString("input");
        return new TracedSpan(
                row.getInt("attempt"),
                new Span(
                        row.getString("span_id"),
                        row.getInt("step"),
                        Span.Kind.valueOf(row.getString("kind").toUpperCase(Locale.ROOT)),
                        row.getString("name"),
                        new Span.Time(
                                Tx.instant(row, "started_at"),
                                row.getLong("ms"),
                                Tx.number(row, "first_ms")),
                        row.getString("outcome"),
                        new Span.Spent(
                                new Metadata.Usage(
                                        Tx.number(row, "tokens_in"),
                                        Tx.number(row, "tokens_out"),
                                        Tx.number(row, "tokens_cached"),
                                        Tx.number(row, "tokens_reasoning")),
                                row.getBigDecimal("cost")),
                        input == null ? null : new Span.Words(input, row.getString("output"))));
    }
}
