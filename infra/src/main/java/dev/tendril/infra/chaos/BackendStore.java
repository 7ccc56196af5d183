package dev.tendril.infra.chaos;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/// PostgreSQL's backends of the relays.
final class BackendStore {
    private static final String BACKENDS =
            """
            select pid from pg_stat_activity
             where backend_type = 'client backend' and usename = 'tendril' and pid <> pg_backend_pid()
             order by pid
            """;

    private static final String END =
            """
            select pg_terminate_backend(?)
            """;

    private final String jdbcUrl;

    /// @param jdbcUrl as the superuser
    BackendStore(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    /// @throws IOException when PostgreSQL does not answer
    List<Integer> pids() throws IOException {
        var pids = new ArrayList<Integer>();
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                PreparedStatement query = connection.prepareStatement(BACKENDS);
                ResultSet rows = query.executeQuery()) {
            while (rows.next()) {
                pids.add(rows.getInt(1));
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
        return pids;
    }

    /// @throws IOException when PostgreSQL does not answer
    void end(int pid) throws IOException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                PreparedStatement query = connection.prepareStatement(END)) {
            query.setInt(1, pid);
            query.executeQuery().close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
