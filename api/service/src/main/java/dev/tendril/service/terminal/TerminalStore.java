package dev.tendril.service.terminal;

import dev.tendril.contract.terminal.TerminalReport;
import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Types;
import java.time.ZoneOffset;
import java.util.UUID;

/// Metadata of terminal sessions. Closed ones are kept for 30 days.
@Singleton
final class TerminalStore {

    /// A worker writes its own rows only: an identifier of another worker's changes nothing.
    private static final String UPSERT =
            """
            insert into terminal_session as t
                   (id, workspace_id, worker_id, name, status, columns, rows, exit_code, created_at, closed_at)
            values (?, ?, ?, ?, ?, ?, ?, ?, ?, case when ? then now() end)
            on conflict (id) do update
               set name = excluded.name, status = excluded.status, columns = excluded.columns,
                   rows = excluded.rows, exit_code = excluded.exit_code,
                   closed_at = case when excluded.status = 'running' then null
                                    else coalesce(t.closed_at, now()) end
             where t.worker_id = excluded.worker_id and t.workspace_id = excluded.workspace_id
            """;

    private static final String LOSE =
            """
            update terminal_session set status = 'lost', closed_at = now()
             where workspace_id = ? and worker_id = ? and status = 'running' and id <> all (?)
            """;

    private static final String FORGET =
            """
            delete from terminal_session
             where workspace_id = ? and worker_id = ? and closed_at < now() - interval '30 days'
            """;

    private final Database database;

    TerminalStore(Database database) {
        this.database = database;
    }

    /// Takes a worker's report.
    void report(UUID workspaceId, UUID workerId, TerminalReport report) {
        database.transaction(connection -> {
            for (TerminalReport.Session session : report.sessions()) {
                upsert(connection, workspaceId, workerId, session);
            }
            try (var statement = connection.prepareStatement(LOSE)) {
                statement.setObject(1, workspaceId);
                statement.setObject(2, workerId);
                statement.setArray(
                        3,
                        connection.createArrayOf(
                                "uuid",
                                report.sessions().stream()
                                        .map(TerminalReport.Session::id)
                                        .toArray()));
                statement.executeUpdate();
            }
            try (var statement = connection.prepareStatement(FORGET)) {
                statement.setObject(1, workspaceId);
                statement.setObject(2, workerId);
                return statement.executeUpdate();
            }
        });
    }

    private static void upsert(
            Connection connection, UUID workspaceId, UUID workerId, TerminalReport.Session session)
            throws SQLException {
        Integer exit = session.exitCode();
        try (var statement = connection.prepareStatement(UPSERT)) {
            statement.setObject(1, session.id());
            statement.setObject(2, workspaceId);
            statement.setObject(3, workerId);
            statement.setString(4, session.name());
            statement.setString(5, exit == null ? "running" : "exited");
            statement.setInt(6, session.columns());
            statement.setInt(7, session.rows());
            if (exit == null) {
                statement.setNull(8, Types.INTEGER);
            } else {
                statement.setInt(8, exit);
            }
            statement.setObject(9, session.createdAt().atOffset(ZoneOffset.UTC));
            statement.setBoolean(10, exit != null);
            statement.executeUpdate();
        }
    }
}
