package dev.tendril.infra.bench;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// Chats and runs in bulk, as their owners would have made them one by one.
final class BenchStore {
    private static final String CHATS =
            """
            with session as (
                select id, workspace_id from visitor_session order by created_at desc limit 1
            ), s as (
                insert into stream (workspace_id, kind)
                select workspace_id, 'chat' from session, generate_series(1, ?)
                returning id, workspace_id
            )
            insert into chat (id, workspace_id, session_id)
            select s.id, s.workspace_id, session.id from s, session
            returning id
            """;

    private static final String MESSAGES =
            """
            insert into message (chat_id, workspace_id, id, ordinal, role, parts)
            select id, workspace_id, 'm1', 2, 'user', '[{"type": "text", "text": "Hello"}]' from chat
             where id = any(?)
            """;

    private static final String RUNS =
            """
            insert into run (workspace_id, stream_id, kind, pool, message_id, answer_id, accepted_seq,
                             state, ordinal, ready_at, first_seq)
            select workspace_id, id, 'chat', 'chat', 'm1', gen_random_uuid()::text, 1, 'ready', 1, now(), 1
              from chat where id = any(?)
            """;

    private static final String EVENTS =
            """
            with s as (update stream set last_seq = 1 where id = any(?) returning id, workspace_id)
            insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, kind, frames)
            select s.id, s.workspace_id, 1, 1, r.id, 'message',
                   '{"type":"data-relay-message","data":{"id":"m1","role":"user","parts":[{"type":"text","text":"Hello"}]},"transient":true}'
              from s join run r on r.stream_id = s.id
            """;

    private static final String LEFT =
            """
            select count(*) from run where state in ('waiting', 'ready', 'running')
            """;

    private static final String FORGET =
            """
            update run set state = 'cancelled', ended_at = now(), lease_token = null, lease_until = null
             where state in ('waiting', 'ready', 'running')
            """;

    private static final String WORKSPACE = "select id from workspace limit 1";

    private static final String ANALYZE = "vacuum analyze";

    private final String jdbcUrl;

    BenchStore(String jdbcUrl) {
        this.jdbcUrl = jdbcUrl;
    }

    /// New chats of the visitor who came last.
    List<UUID> chats(int count) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                var statement = connection.prepareStatement(CHATS)) {
            statement.setInt(1, count);
            var chats = new ArrayList<UUID>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    chats.add(rows.getObject(1, UUID.class));
                }
            }
            return chats;
        }
    }

    /// So many runs that are ready, each in a chat of its own.
    void readyRuns(int count) throws SQLException {
        UUID[] chats = chats(count).toArray(UUID[]::new);
        try (Connection connection = DriverManager.getConnection(jdbcUrl)) {
            connection.setAutoCommit(false);
            for (String sql : List.of(MESSAGES, RUNS, EVENTS)) {
                try (var statement = connection.prepareStatement(sql)) {
                    statement.setArray(1, connection.createArrayOf("uuid", chats));
                    statement.executeUpdate();
                }
            }
            connection.commit();
        }
        settle();
    }

    /// Runs that have not ended.
    int left() throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                var statement = connection.prepareStatement(LEFT);
                var rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    /// The only one.
    UUID workspace() throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                var statement = connection.prepareStatement(WORKSPACE);
                var rows = statement.executeQuery()) {
            rows.next();
            return rows.getObject(1, UUID.class);
        }
    }

    /// Ends all runs.
    void forgetRuns() throws SQLException {
        execute(FORGET);
        settle();
    }

    /// Leaves no vacuum to be done while something is measured.
    void settle() throws SQLException {
        execute(ANALYZE);
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(jdbcUrl);
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
