package dev.tendril.service.run;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.stream.EventKind;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.FrameCodec;
import dev.tendril.service.stream.Origin;
import jakarta.inject.Inject;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/// The queue over a real database, with a workspace of its own for each test.
@SuppressWarnings("NullAway.Init") // set before each test
abstract class QueueTest extends DatabaseTest {

    static final Frame FINISH = new Frame.Finish(Metadata.at(null));

    @Inject RunQueue queue;
    @Inject RunWriter writer;
    @Inject Turns turns;
    @Inject RunStore store;
    @Inject LeaseReaper reaper;
    @Inject EventLog log;
    @Inject FrameCodec codec;
    @Inject Transactions transactions;

    UUID workspace;
    UUID session;
    UUID worker;
    private int number;

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("datasources.default.maximum-pool-size", "16");
        return properties;
    }

    @BeforeEach
    void workspace() {
        workspace =
                UUID.fromString(
                        sql(
                                "insert into workspace (slug, title) values ('q%d', 'Queue') returning id"
                                        .formatted(number++)));
        String code =
                sql(
                        "insert into access_code (workspace_id, public_id, secret_hash) values ('%s', 'AAAA', 'x') returning id"
                                .formatted(workspace));
        session =
                UUID.fromString(
                        sql(
                                """
                                insert into visitor_session (workspace_id, access_code_id, generation, refresh_hash, expires_at)
                                values ('%s', '%s', 1, uuid_send(gen_random_uuid()), now() + interval '12 h') returning id
                                """
                                        .formatted(workspace, code)));
        worker = newWorker();
    }

    UUID newWorker() {
        return UUID.fromString(
                sql(
                        """
                        insert into worker (workspace_id, name, token_id, token_hash)
                        values ('%s', 'w', gen_random_uuid()::text, uuid_send(gen_random_uuid())) returning id
                        """
                                .formatted(workspace)));
    }

    UUID chat() {
        return transactions.write(tx -> {
            UUID id = log.create(tx, workspace, "chat");
            tx.update(
                    "insert into chat (id, workspace_id, session_id) values (?, ?, ?)",
                    id,
                    workspace,
                    session);
            return id;
        });
    }

    /// Stores a message and its run as a post does.
    Run post(UUID chat, String messageId) {
        return transactions.write(tx -> {
            Long lastSeq = log.lock(tx, workspace, chat);
            Run run =
                    turns.enqueue(
                            tx,
                            new NewRun(
                                    workspace,
                                    chat,
                                    "chat",
                                    "chat",
                                    messageId,
                                    (lastSeq == null ? 0 : lastSeq) + 1));
            log.append(
                    tx,
                    workspace,
                    chat,
                    EventKind.MESSAGE,
                    new Origin(run.id(), null, null),
                    List.of(new Frame.StartStep()));
            return run;
        });
    }

    List<ClaimedRun> claim(int capacity, String... offers) {
        return queue.claim(claimant(null, offers), capacity, List.of("chat"));
    }

    Claimant claimant(@Nullable UUID instance, String... offers) {
        return new Claimant(workspace, worker, UUID.randomUUID(), List.of(offers), instance);
    }

    ClaimedRun claimOne() {
        return claim(1).getFirst();
    }

    LeasedCall call(ClaimedRun run) {
        return new LeasedCall(workspace, worker, run.runId(), run.leaseToken());
    }

    Appended append(ClaimedRun run, int batch, Frame... frames) {
        return writer.append(
                call(run), new AppendFrames(run.leaseToken(), batch, List.of(frames), null));
    }

    Appended complete(ClaimedRun run, int batch, Frame... frames) {
        return writer.complete(
                call(run), new CompleteRun(run.leaseToken(), batch, List.of(frames)));
    }

    Frame start(ClaimedRun run) {
        return new Frame.Start(run.answerId(), null);
    }

    String state(long runId) {
        return sql("select state from run where id = " + runId);
    }

    /// All frames of a chat, oldest first; fails when their numbers have a gap.
    List<String> frames(UUID chat) {
        List<String> frames = new ArrayList<>();
        for (String batch :
                sql("""
                select string_agg(first_seq || ' ' || last_seq || ' ' || kind || chr(10) || frames, chr(1) order by last_seq)
                  from event where stream_id = '%s'
                """
                                .formatted(chat))
                        .split("\u0001")) {
            String[] lines = batch.split("\n");
            String[] head = lines[0].split(" ");
            if (Long.parseLong(head[0]) != frames.size() + 1
                    || Long.parseLong(head[1]) != frames.size() + lines.length - 1) {
                throw new AssertionError("a gap before " + batch);
            }
            frames.addAll(Arrays.asList(lines).subList(1, lines.length));
        }
        return frames;
    }

    /// The code of the problem that this meets; `ok` when it meets none.
    static String outcome(Runnable action) {
        try {
            action.run();
            return "ok";
        } catch (ProblemException e) {
            return e.code().wire();
        }
    }

    static String leaseLost() {
        return ErrorCode.LEASE_LOST.wire();
    }

    /// Ends the lease, as far as the database's clock is concerned.
    void expire(ClaimedRun run) {
        sql(
                "update run set lease_until = now() - interval '1 s' where id = %d"
                        .formatted(run.runId()));
    }

    /// Waits until a backend waits for a lock.
    void awaitBlocked(int backends) {
        await(
                backends + " blocked",
                () ->
                        Integer.parseInt(
                                        sql(
                                                """
                                                select count(*) from pg_stat_activity
                                                 where datname = current_database() and wait_event_type = 'Lock'
                                                """))
                                >= backends);
    }

    static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within 10 s: " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    static <T> CompletableFuture<T> async(Supplier<T> action) {
        return CompletableFuture.supplyAsync(action, task -> Thread.ofVirtual().start(task));
    }

    /// A connection of the test's own, in a transaction.
    Connection begin() throws SQLException {
        Connection connection = dataSource().getConnection();
        connection.setAutoCommit(false);
        return connection;
    }

    static void execute(Connection connection, String statement) throws SQLException {
        try (var prepared = connection.createStatement()) {
            prepared.execute(statement);
        }
    }

    /// First column of the first row, as text.
    String sql(String statement) {
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
