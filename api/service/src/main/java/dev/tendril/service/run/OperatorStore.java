package dev.tendril.service.run;

import dev.tendril.contract.run.Tags;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of what an operator sees and sets.
@Singleton
final class OperatorStore {

    private static final String RULES =
            """
            select max_running, needs, priority from workspace where id = ?
            """;

    private static final String SET_RULES =
            """
            update workspace set max_running = ?::integer, needs = ?, priority = ? where id = ?
            """;

    /// What is queued already follows the new rules too.
    private static final String SET_QUEUED =
            """
            update run set needs = ?, priority = ?
             where workspace_id = ? and state in ('waiting', 'ready')
            """;

    private static final String LIST =
            """
            select id, state, attempt, priority, needs, failure_code, stream_id, created_at, ended_at, lease_until,
                   (select w.name from worker w where w.id = r.worker_id) as worker
              from run r
             where workspace_id = ? and (not ? or state = 'failed') and (?::bigint is null or id = ?)
             order by id desc limit ?
            """;

    private static final String AUDIT =
            """
            insert into audit_entry (workspace_id, actor, action, subject) values (?, 'cli', ?, ?)
            """;

    @Nullable QueueRules rules(Tx tx, UUID workspaceId) throws SQLException {
        return tx.first(
                RULES,
                row ->
                        new QueueRules(
                                row.getObject("max_running", Integer.class),
                                tags(row.getArray("needs")),
                                row.getInt("priority")),
                workspaceId);
    }

    void set(Tx tx, UUID workspaceId, QueueRules rules) throws SQLException {
        String[] needs = Tags.sorted(rules.needs()).toArray(String[]::new);
        tx.update(SET_RULES, rules.maxRunning(), needs, rules.priority(), workspaceId);
        tx.update(SET_QUEUED, needs, rules.priority(), workspaceId);
    }

    List<ListedRun> list(Tx tx, UUID workspaceId, boolean failed, @Nullable Long id, int most)
            throws SQLException {
        return tx.list(LIST, OperatorStore::listed, workspaceId, failed, id, id, most);
    }

    void audit(Tx tx, UUID workspaceId, String action, String subject) throws SQLException {
        tx.update(AUDIT, workspaceId, action, subject);
    }

    private static ListedRun listed(ResultSet row) throws SQLException {
        return new ListedRun(
                row.getLong("id"),
                RunState.of(row.getString("state")),
                row.getInt("attempt"),
                row.getInt("priority"),
                tags(row.getArray("needs")),
                row.getString("failure_code"),
                Tx.uuid(row, "stream_id"),
                row.getString("worker"),
                Tx.instant(row, "created_at"),
                instant(row, "lease_until"),
                instant(row, "ended_at"));
    }

    private static List<String> tags(Array array) throws SQLException {
        return List.of((String[]) array.getArray());
    }

    private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
        OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
        return value == null ? null : value.toInstant();
    }
}
