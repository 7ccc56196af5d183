package dev.tendril.service.retention;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.database.Transactions;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What is forgotten, and that nothing else is.
@SuppressWarnings("NullAway.Init") // set before each test
@MicronautTest(transactional = false)
final class PruningTest extends DatabaseTest {

    private static final Duration AGE = Duration.ofHours(24);

    @Inject Transactions transactions;
    @Inject RetentionStore store;

    private UUID workspace;
    private UUID session;
    private int number;

    @BeforeEach
    void workspace() {
        sql("truncate workspace cascade");
        workspace =
                UUID.fromString(
                        sql(
                                "insert into workspace (slug, title) values ('r%d', 'R') returning id"
                                        .formatted(number++)));
        session = session("1 h");
    }

    @Test
    void aCursorIsFollowedExactlyOrRefusedWhateverIsCompacted() {
        long seed = Long.getLong("tendril.seed", System.nanoTime());
        System.out.println("compaction: -Dtendril.seed=" + seed);
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int round = 0; round < 25; round++) {
            UUID chat = chat("1 h");
            randomTurns(chat, random);
            // Some turns of the pruner end in the middle, as when a relay leaves.
            pruning(() -> random.nextInt(3) > 0).compact();
            assertWhole(chat);
            pruning(() -> true).compact();
            assertWhole(chat);
            assertEquals(
                    "0",
                    sql(
                            """
                            select count(*) from event where stream_id = '%s' and last_seq < coalesce((
                                select min(e.first_seq) from event e join run r on r.id = e.run_id
                                 where e.stream_id = '%s'
                                   and (r.ended_at is null or r.ended_at > now() - interval '24 h')), 9999)
                            """
                                    .formatted(chat, chat)),
                    "everything before the first turn that is kept is gone");
        }
    }

    @Test
    void aLongTurnGoesInSmallSteps() {
        UUID chat = chat("1 h");
        long run = turn(chat, 1, "done", "25 h");
        sql(
                """
                insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, kind, frames)
                select '%s', '%s', n, n, %d, 'frames', '{}' from generate_series(1, 450) n
                """
                        .formatted(chat, workspace, run));
        sql("update stream set last_seq = 450 where id = '%s'".formatted(chat));
        List<String> left = new ArrayList<>();
        assertEquals(
                450,
                pruning(
                                () -> {
                                    left.add(sql("select count(*) from event"));
                                    assertWhole(chat);
                                    return true;
                                })
                        .compact());
        assertEquals(List.of("250", "50", "0"), left);
        assertEquals(
                "451", sql("select retained_from from stream where id = '%s'".formatted(chat)));
        assertEquals(0, pruning(() -> true).compact());
        assertEquals("t", sql("select compacted_at is not null from run where id = " + run));
    }

    @Test
    void tracesGoAfterAWeekInSmallSteps() {
        long run = turn(chat("1 h"), 1, "done", "1 h");
        sql(
                """
                insert into trace_span (run_id, workspace_id, span_id, attempt, step, kind, name, started_at, ms,
                                        outcome, stored_at)
                select %d, '%s', 's' || n, 1, 1, 'model', 'm', now(), 1, 'ok', now() - make_interval(hours => n)
                  from generate_series(1, 600) n
                """
                        .formatted(run, workspace));
        assertEquals(200, pruning(() -> false).deleteRest());
        assertEquals(600 - 167 - 200, pruning(() -> true).deleteRest());
        assertEquals("167", sql("select count(*) from trace_span"));
    }

    @Test
    void anImageThatWasNeverSentGoesAfterADay() {
        UUID chat = chat("1 h");
        for (String age : List.of("25 h", "23 h")) {
            for (String owner : List.of("null", "'" + chat + "'")) {
                sql(
                        """
                        insert into attachment (workspace_id, session_id, chat_id, media_type, width, height, content, thumbnail, created_at)
                        values ('%s', '%s', %s, 'image/png', 1, 1, '', '', now() - interval '%s')
                        """
                                .formatted(workspace, session, owner, age));
            }
        }
        pruning(() -> true).deleteRest();
        assertEquals(
                "1 2",
                sql(
                        "select count(*) filter (where chat_id is null) || ' ' || count(chat_id) from attachment"));
        sql("update chat set last_message_at = now() - interval '100 days'");
        pruning(() -> true).deleteChats();
        assertEquals(
                "0", sql("select count(chat_id) from attachment"), "sent ones go with their chat");
    }

    @Test
    void aTurnThatWasRetriedLaterIsCompactedAgain() {
        UUID chat = chat("1 h");
        long run = turn(chat, 1, "failed", "50 h");
        event(chat, 1, 2, run);
        pruning(() -> true).compact();
        event(chat, 3, 5, run);
        sql(
                "update run set ended_at = now() - interval '25 h', compacted_at = now() - interval '26 h'");
        assertEquals(1, pruning(() -> true).compact());
        assertEquals("6", sql("select retained_from from stream where id = '%s'".formatted(chat)));
    }

    @Test
    void whatSomebodyHoldsIsLeftForLater() throws SQLException {
        UUID held = chat("100 days");
        event(held, 1, 2, turn(held, 1, "done", "100 days"));
        UUID free = chat("100 days");
        event(free, 1, 2, turn(free, 1, "done", "100 days"));
        try (var holder = dataSource().getConnection()) {
            holder.setAutoCommit(false);
            holder.createStatement()
                    .execute("select 1 from stream where id = '%s' for update".formatted(held));
            assertEquals(1, pruning(() -> true).compact());
            assertEquals(1, pruning(() -> true).deleteChats());
            holder.rollback();
        }
        assertEquals(held.toString(), sql("select string_agg(id::text, ',') from chat"));
        assertEquals(1, pruning(() -> true).deleteChats());
    }

    @Test
    void silentChatsGoWholeOthersStay() {
        UUID silent = chat("91 days");
        long run = turn(silent, 1, "done", "91 days");
        for (int i = 0; i < 250; i++) {
            event(silent, i + 1, i + 1, run);
        }
        sql(
                "insert into checkpoint (run_id, workspace_id, step, fence, state) values (%d, '%s', 1, 1, '')"
                        .formatted(run, workspace));
        UUID busy = chat("91 days");
        turn(busy, 1, "waiting", null);
        UUID young = chat("89 days");
        turn(young, 1, "done", "89 days");
        assertEquals(1, pruning(() -> true).deleteChats());
        assertEquals(
                "2|2|2|2|0|0",
                sql(
                        """
                        select (select count(*) from chat) || '|' || (select count(*) from stream) || '|'
                            || (select count(*) from run) || '|' || (select count(*) from message) || '|'
                            || (select count(*) from event) || '|' || (select count(*) from checkpoint)
                        """));
        sql("update workspace set retain_days = 30");
        assertEquals(1, pruning(() -> true).deleteChats());
        assertEquals(busy.toString(), sql("select id from chat"));
    }

    @Test
    void sessionsAndAuditEntriesGoWhenTheyAreOver() {
        chat("1 h");
        sql("update visitor_session set expires_at = now() - interval '3 days'");
        UUID over = session("-25 h");
        sql(
                "insert into spent_refresh (refresh_hash, session_id) values ('x', '%s')"
                        .formatted(over));
        UUID justOver = session("-1 h");
        sql(
                """
                insert into audit_entry (workspace_id, at, actor, action)
                select '%s', now() - make_interval(days => n), 'cli', 'x' from generate_series(1, 800) n
                """
                        .formatted(workspace));
        assertEquals(1 + 436, pruning(() -> true).deleteRest());
        assertEquals(
                "2",
                sql(
                        "select count(*) from visitor_session where id in ('%s', '%s')"
                                .formatted(session, justOver)));
        assertEquals("364", sql("select count(*) from audit_entry"));
    }

    @Test
    void fourReplicasForgetEverythingOnce() {
        for (int i = 0; i < 40; i++) {
            UUID chat = chat("100 days");
            event(chat, 1, 3, turn(chat, 1, "done", "100 days"));
        }
        List<CompletableFuture<Integer>> replicas = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            replicas.add(
                    CompletableFuture.supplyAsync(
                            () -> pruning(() -> true).compact() + pruning(() -> true).deleteChats(),
                            task -> Thread.ofVirtual().start(task)));
        }
        int done = replicas.stream().mapToInt(CompletableFuture::join).sum();
        // What one of them skipped because another held it may be left for the next turn.
        done += pruning(() -> true).deleteChats();
        assertEquals("0", sql("select count(*) from stream"));
        assertTrue(done >= 40, done + " forgotten");
    }

    private Pruning pruning(BooleanSupplier pause) {
        return new Pruning(transactions, store, AGE, pause);
    }

    /// For any cursor an exact continuation or a refusal, and nothing young is missing.
    private void assertWhole(UUID chat) {
        long retainedFrom =
                Long.parseLong(
                        sql("select retained_from from stream where id = '%s'".formatted(chat)));
        long lastSeq =
                Long.parseLong(sql("select last_seq from stream where id = '%s'".formatted(chat)));
        long next = retainedFrom;
        for (String row :
                sql("select coalesce(string_agg(first_seq || ' ' || last_seq, ',' order by last_seq), '') from event where stream_id = '%s'"
                                .formatted(chat))
                        .split(",")) {
            if (!row.isEmpty()) {
                String[] seqs = row.split(" ");
                assertEquals(next, Long.parseLong(seqs[0]), "a hole in " + chat);
                next = Long.parseLong(seqs[1]) + 1;
            }
        }
        assertEquals(lastSeq + 1, next, "the end of " + chat);
        assertEquals(
                "0",
                sql(
                        """
                        select count(*) from run r where r.stream_id = '%s'
                           and (r.ended_at is null or r.ended_at > now() - interval '24 h')
                           and (select count(*) from event e where e.run_id = r.id) <> r.next_batch
                        """
                                .formatted(chat)),
                "events of a turn that is kept");
        assertEquals(
                sql("select count(*) from run where stream_id = '%s'".formatted(chat)),
                sql("select count(*) from message where chat_id = '%s'".formatted(chat)),
                "messages stay");
    }

    /// Turns of all ages, whose events interleave; `next_batch` counts them here.
    private void randomTurns(UUID chat, RandomGenerator random) {
        int turns = random.nextInt(1, 6);
        List<Long> runs = new ArrayList<>();
        for (int i = 1; i <= turns; i++) {
            boolean last = i == turns;
            String age = last && random.nextBoolean() ? null : random.nextInt(1, 60) + " h";
            runs.add(turn(chat, i, age == null ? "waiting" : "done", age));
        }
        int seq = 1;
        for (int i = 0; i < random.nextInt(1, 30); i++) {
            int to = seq + random.nextInt(4);
            event(chat, seq, to, runs.get(random.nextInt(runs.size())));
            seq = to + 1;
        }
        sql(
                "update run set next_batch = (select count(*) from event e where e.run_id = run.id) where stream_id = '%s'"
                        .formatted(chat));
    }

    private UUID session(String left) {
        return UUID.fromString(
                sql(
                        """
                        with c as (
                            insert into access_code (workspace_id, public_id, secret_hash) values ('%s', 'AAA%d', 'x')
                            on conflict (workspace_id, public_id) do update set label = '' returning id)
                        insert into visitor_session (workspace_id, access_code_id, generation, refresh_hash, expires_at)
                        select '%s', id, 1, uuid_send(gen_random_uuid()), now() + interval '%s' from c returning id
                        """
                                .formatted(workspace, 1, workspace, left)));
    }

    private UUID chat(String silent) {
        UUID id =
                UUID.fromString(
                        sql(
                                "insert into stream (workspace_id, kind) values ('%s', 'chat') returning id"
                                        .formatted(workspace)));
        sql(
                "insert into chat (id, workspace_id, session_id, last_message_at) values ('%s', '%s', '%s', now() - interval '%s')"
                        .formatted(id, workspace, session, silent));
        return id;
    }

    private long turn(UUID chat, int ordinal, String state, @Nullable String ended) {
        sql(
                """
                insert into message (chat_id, id, workspace_id, ordinal, role, parts)
                values ('%s', 'm%d', '%s', %d, 'user', '[]')
                """
                        .formatted(chat, ordinal, workspace, 2 * ordinal));
        return Long.parseLong(
                sql(
                        """
                        insert into run (workspace_id, stream_id, kind, pool, state, ordinal, message_id, answer_id,
                                         accepted_seq, ended_at)
                        values ('%s', '%s', 'chat', 'chat', '%s', %d, 'm%d', 'a%d', 1, %s) returning id
                        """
                                .formatted(
                                        workspace,
                                        chat,
                                        state,
                                        ordinal,
                                        ordinal,
                                        ordinal,
                                        ended == null
                                                ? "null"
                                                : "now() - interval '" + ended + "'")));
    }

    private void event(UUID chat, long first, long last, long run) {
        sql(
                """
                insert into event (stream_id, workspace_id, first_seq, last_seq, run_id, kind, frames)
                values ('%s', '%s', %d, %d, %d, 'frames', '{}')
                """
                        .formatted(chat, workspace, first, last, run));
        sql("update stream set last_seq = %d where id = '%s'".formatted(last, chat));
    }

    /// First column of the first row, as text.
    private String sql(String statement) {
        try (var connection = dataSource().getConnection();
                var prepared = connection.prepareStatement(statement)) {
            if (!prepared.execute()) {
                return Integer.toString(prepared.getUpdateCount());
            }
            try (var rows = prepared.getResultSet()) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        } catch (SQLException e) {
            throw new IllegalStateException(statement, e);
        }
    }
}
