package dev.tendril.infra.ledger;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.house.Database;
import dev.tendril.infra.house.Jars;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Each invariant's statement finds its violation, and a whole database has none.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class LedgerStoreTest {

    private static final String WHOLE =
            """
            truncate workspace cascade;
            insert into workspace (id, slug, title)
                values ('00000000-0000-0000-0000-000000000001', 'w', 'W');
            insert into access_code (id, workspace_id, public_id, secret_hash)
                values ('00000000-0000-0000-0000-000000000002', '00000000-0000-0000-0000-000000000001',
                        'K7Q2', 'x');
            insert into visitor_session
                (id, workspace_id, access_code_id, generation, refresh_hash, expires_at)
                values ('00000000-0000-0000-0000-000000000003', '00000000-0000-0000-0000-000000000001',
                        '00000000-0000-0000-0000-000000000002', 1, '\\x00', now());
            insert into stream (id, workspace_id, kind, last_seq)
                values ('00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000001',
                        'chat', 8);
            insert into chat (id, workspace_id, session_id)
                values ('00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000001',
                        '00000000-0000-0000-0000-000000000003');
            insert into run (id, workspace_id, stream_id, kind, pool, state, ordinal, message_id,
                             answer_id, fence, accepted_seq, ended_at)
                overriding system value values
                (1, '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000004',
                 'chat', 'chat', 'done', 1, 'm1', 'a1', 1, 1, now()),
                (2, '00000000-0000-0000-0000-000000000001', '00000000-0000-0000-0000-000000000004',
                 'chat', 'chat', 'done', 2, 'm2', 'a2', 1, 6, now());
            insert into message (chat_id, id, workspace_id, ordinal, role, answers, parts)
                select '00000000-0000-0000-0000-000000000004', id, '00000000-0000-0000-0000-000000000001',
                       ordinal, role, answers, parts::jsonb
                from (values
                    ('m1', 1, 'user', null, '[{"type":"text","text":"hi"}]'),
                    ('m2', 2, 'user', null, '[{"type":"text","text":"ho"}]'),
                    ('a1', 3, 'assistant', 'm1', '[{"type":"text","text":"yes"}]'),
                    ('a2', 4, 'assistant', 'm2', '[]')) v (id, ordinal, role, answers, parts);
            insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, fence, kind, frames)
                select '00000000-0000-0000-0000-000000000004', '00000000-0000-0000-0000-000000000001',
                       first_seq, last_seq, run_id, fence, kind, frames
                from (values
                    (1, 1, 1, null, 'message',
                     '{"type":"data-relay-message","data":{"id":"m1","role":"user","parts":[]},"transient":true}'),
                    (2, 4, 1, 1, 'frames',
                     E'{"type":"start","messageId":"a1"}\\n{"type":"text-start","id":"t"}\\n{"type":"text-delta","id":"t","delta":"yes"}'),
                    (5, 6, 1, 1, 'done',
                     E'{"type":"text-end","id":"t"}\\n{"type":"finish"}'),
                    (7, 7, 2, 1, 'frames', '{"type":"start","messageId":"a2"}'),
                    (8, 8, 2, 1, 'done', '{"type":"finish"}'))
                    v (first_seq, last_seq, run_id, fence, kind, frames);
            """;

    @TempDir private static Path directory;
    private Database database;
    private LedgerStore ledger;

    @BeforeAll
    void start() throws Exception {
        database = Database.start(Jars.ofThisBuild(), directory.resolve("postgres"));
        ledger = new LedgerStore(database.jdbcUrl());
        try (var schema =
                LedgerStoreTest.class.getResourceAsStream("/db/migration/V1__main_job.sql")) {
            run(new String(schema.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    @AfterAll
    void stop() {
        database.close();
    }

    @BeforeEach
    void whole() throws SQLException {
        run(WHOLE);
    }

    @Test
    void aWholeDatabaseHasNoViolation() throws Exception {
        assertEquals(List.of(), ledger.violations());
    }

    @Test
    void whatWasCompactedIsNoViolation() throws Exception {
        run("delete from event where last_seq <= 4; update stream set retained_from = 5");
        assertEquals(List.of(), ledger.violations());
        run("delete from event; update stream set retained_from = 9");
        assertEquals(List.of(), ledger.violations());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    update run set state = 'ready', ended_at = null where id = 2          | run 2 never ended
                    update run set state = 'failed' where id = 1                          | run 1 (failed) has 1 done events
                    delete from event where first_seq = 8                                 | run 2 (done) has 0 done events
                    update run set message_id = 'm1' where id = 2                         | message m1 has 2 runs
                    delete from event where run_id = 2; delete from run where id = 2                                          | message m2 has no run
                    delete from message where id = 'a1'                                   | run 1 is done, its answer is not
                    delete from event where first_seq = 2                                 | event 5 after 1
                    update stream set retained_from = 3                                   | event 1 after 2
                    delete from event; update stream set retained_from = 8                | says 8, its events end at 7
                    update stream set last_seq = 9                                        | says 9, its events end at 8
                    update event set frames = '{"type":"start"}' where first_seq = 5      | event 5 to 6 has 1 frames
                    update event set fence = 2 where first_seq = 2                        | fence 1 at 5 after 2
                    update run set ordinal = 0 where id = 2                               | run 1 ended before
                    update message set parts = '[{"type":"text","text":"no"}]' where id = 'a1' | run 1: history is not what
                    """)
    void findsEachViolation(String damage, String expected) throws Exception {
        run(damage);

        List<String> found = ledger.violations();

        assertTrue(
                found.stream().anyMatch(v -> v.contains(expected)),
                () -> "not found: " + expected + " in " + found);
    }

    private void run(String sql) throws SQLException {
        try (var connection = DriverManager.getConnection(database.jdbcUrl());
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
