package dev.tendril.infra.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.ledger.Invariant;
import dev.tendril.infra.ledger.Violation;
import dev.tendril.infra.mutant.Mutants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Each guard of the queue and the log, taken out on purpose, makes its scene break an invariant;
/// with all guards in place no scene does.
@Order(2)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // set before all
final class MutationIT {
    private static final String RUNS = "run/";
    private static final String EVENTS = "stream/";
    private static final String CHATS = "chat/";

    private MutationScene scene;

    @BeforeAll
    void open() throws Exception {
        Path directory =
                Jars.ofThisBuild()
                        .root()
                        .resolve("infra/target/mutation/" + ProcessHandle.current().pid());
        scene = MutationScene.open(directory, mutants(directory.resolve("mutants")));
    }

    @AfterAll
    void close() throws Exception {
        if (scene != null) {
            scene.close();
        }
    }

    private static Mutants mutants(Path folder) throws Exception {
        String one = "where ? > 0";
        String many = "unnest(?::bigint[]";
        String finish = "set state = 'done'";
        return new Mutants(folder)
                .rule("append-token", RUNS, one, "lease_token = ?", "(lease_token = ? or true)")
                .rule(
                        "append-token",
                        RUNS,
                        many,
                        "r.lease_token = x.token",
                        "(r.lease_token = x.token or true)")
                .rule(
                        "complete-token",
                        RUNS,
                        finish,
                        "lease_token = ? and",
                        "(lease_token = ? or true) and")
                .rule(
                        "renew-token",
                        RUNS,
                        "set accepted_at = coalesce(accepted_at, now()), lease_until",
                        "lease_token = ?",
                        "(lease_token = ? or true)")
                .rule("append-batch", RUNS, one, "next_batch = ?", "(next_batch = ? or true)")
                .rule(
                        "append-batch",
                        RUNS,
                        many,
                        "r.next_batch = x.batch",
                        "(r.next_batch = x.batch or true)")
                .rule("complete-batch", RUNS, finish, "next_batch = ?", "(next_batch = ? or true)")
                .rule("fence", RUNS, "set state = 'running'", "fence = fence + 1", "fence = fence")
                .rule(
                        "fence",
                        RUNS,
                        "set state = 'ready', attempt = ?",
                        "fence = fence + 1",
                        "fence = fence")
                .rule(
                        "reap",
                        RUNS,
                        "r.state = 'running' and r.lease_until",
                        "r.lease_until < now()",
                        "r.lease_until < now() - interval '1 day'")
                .rule(
                        "promote",
                        RUNS,
                        "set state = 'ready', ready_at = now(), first_seq",
                        "order by ordinal limit 1",
                        "order by ordinal limit 0")
                .rule("promote", RUNS, "h.stream_id = w.stream_id", "limit 20", "limit 0")
                .rule(
                        "order",
                        RUNS,
                        "set state = 'ready', ready_at = now(), first_seq",
                        "order by ordinal limit 1",
                        "order by ordinal desc limit 1")
                .rule(
                        "head",
                        RUNS,
                        "x.busy",
                        "case when x.busy then 'waiting' else 'ready' end",
                        "'ready'")
                .rule("twice", RUNS, finish, "lease_token = ? and", "(lease_token = ? or true) and")
                .rule(
                        "twice",
                        RUNS,
                        finish,
                        "and state = 'running'",
                        "and state in ('running', 'done')")
                .rule(
                        "message",
                        RUNS,
                        "r.message_id = ?",
                        "r.message_id = ?",
                        "(r.message_id = ? and false)")
                .rule("message", CHATS, "select role from message", "id = ?", "id = ? and false")
                .rule(
                        "counter",
                        RUNS,
                        one,
                        "set last_seq = last_seq + ?",
                        "set last_seq = setval('loose', nextval('loose') + ? - 1)")
                .rule(
                        "counter",
                        RUNS,
                        many,
                        "set last_seq = last_seq + l.count",
                        "set last_seq = setval('loose', nextval('loose') + l.count - 1)")
                .rule(
                        "message",
                        CHATS,
                        "as known",
                        "m.id = x.message",
                        "m.id = x.message and false")
                .rule(
                        "message",
                        CHATS,
                        "as known",
                        "r.message_id = x.message",
                        "r.message_id = x.message and false")
                .rule(
                        "counter",
                        EVENTS,
                        "'message', x.frame",
                        "set last_seq = last_seq + 1",
                        "set last_seq = setval('loose', nextval('loose'))")
                .rule(
                        "fail-token",
                        RUNS,
                        "set state = 'failed', ended_at = now(), ended_token = lease_token",
                        "lease_token = ?",
                        "(lease_token = ? or true)")
                .rule(
                        "release-token",
                        RUNS,
                        "fence = fence + 1, ended_token = lease_token",
                        "lease_token = ?",
                        "(lease_token = ? or true)")
                .rule(
                        "counter",
                        RUNS,
                        finish,
                        "set last_seq = last_seq + ?",
                        "set last_seq = setval('loose', nextval('loose') + ? - 1)")
                .rule("async", "health/SchemaStore", "pg_settings", ", 'synchronous_commit'", "")
                .rule(
                        "counter",
                        EVENTS,
                        "returning id, workspace_id, last_seq",
                        "set last_seq = last_seq + ?",
                        "set last_seq = setval('loose', nextval('loose') + ? - 1)");
    }

    interface Play {
        void of(MutationScene scene) throws Exception;
    }

    /// @param mutant switched on for the second playing
    /// @param without what is taken out of the schema meanwhile
    /// @param again how it is put back
    /// @param breaks each of these must be found
    record Guard(
            String mutant,
            Play play,
            List<String> without,
            List<String> again,
            Set<Invariant> breaks) {
        Guard(String mutant, Play play, Invariant first, Invariant... rest) {
            this(mutant, play, List.of(), List.of(), EnumSet.of(first, rest));
        }

        @Override
        public String toString() {
            return mutant;
        }
    }

    static Stream<Guard> guards() {
        return Stream.of(
                new Guard("append-token", MutationIT::aZombieAppends, Invariant.I5, Invariant.I6),
                new Guard(
                        "complete-token", MutationIT::aZombieCompletes, Invariant.I5, Invariant.I6),
                new Guard("renew-token", MutationIT::aZombieRenews, Invariant.I5),
                new Guard("fail-token", MutationIT::aZombieFails, Invariant.I5),
                new Guard("release-token", MutationIT::aZombieGivesBack, Invariant.I5),
                new Guard("append-batch", MutationIT::aBatchIsSentTwice, Invariant.I6),
                new Guard("complete-batch", MutationIT::aBatchIsLostBeforeTheEnd, Invariant.I6),
                new Guard("fence", MutationIT::aZombieAppends, Invariant.I5),
                new Guard("reap", MutationIT::aZombieAppends, Invariant.I1B),
                new Guard("promote", MutationIT::threeMessages, Invariant.I1B),
                new Guard("order", MutationIT::threeMessages, Invariant.I4),
                new Guard(
                        "head",
                        MutationIT::threeMessages,
                        List.of("drop index run_head"),
                        List.of(
                                "create unique index run_head on run (stream_id) where state in ('ready', 'running')"),
                        EnumSet.of(Invariant.I4)),
                new Guard(
                        "twice",
                        MutationIT::aZombieCompletesWhatIsDone,
                        List.of(
                                "drop index event_done",
                                "alter table message drop constraint message_pkey cascade",
                                "alter table message drop constraint message_chat_id_ordinal_key"),
                        List.of(
                                "create unique index event_done on event (run_id) where kind = 'done'",
                                "alter table message add primary key (chat_id, id)",
                                "alter table message add unique (chat_id, ordinal)"),
                        EnumSet.of(Invariant.I2)),
                new Guard(
                        "message",
                        MutationIT::aMessageIsSentTwice,
                        List.of("alter table message drop constraint message_pkey cascade"),
                        List.of("alter table message add primary key (chat_id, id)"),
                        EnumSet.of(Invariant.I2B)),
                new Guard(
                        "counter",
                        MutationIT::aWriteIsRolledBack,
                        List.of("create sequence loose", "alter sequence loose owner to tendril"),
                        List.of("drop sequence loose"),
                        EnumSet.of(Invariant.I3, Invariant.I9B)));
    }

    @ParameterizedTest
    @MethodSource("guards")
    void isMissed(Guard guard) throws Exception {
        scene.clear();
        guard.play.of(scene);
        assertEquals(List.of(), scene.verdict(), "with all guards in place");

        scene.clear();
        for (String statement : guard.without) {
            scene.guards().run(statement);
        }
        scene.mutants().only(guard.mutant);
        List<Violation> found;
        try {
            try {
                guard.play.of(scene);
            } catch (MutationScene.Unclaimed | IOException e) {
                // That nobody gets the run, or not in order, is for the verdict to say.
            }
            found = scene.verdict();
        } finally {
            scene.clear();
            for (String statement : guard.again) {
                scene.guards().run(statement);
            }
        }
        scene.mutants().assertBit(guard.mutant);
        for (Invariant invariant : guard.breaks) {
            assertTrue(
                    found.stream().anyMatch(v -> v.invariant() == invariant),
                    () ->
                            "without "
                                    + guard.mutant
                                    + " "
                                    + invariant.label()
                                    + " still holds; found "
                                    + found);
        }
    }

    /// The relay refuses a database that commits asynchronously; one that does not look loses what
    /// it has acknowledged when PostgreSQL dies.
    @Test
    void asynchronousCommitForgetsWhatWasAcknowledged() throws Exception {
        scene.clear();
        theDatabaseDiesBehindAnAcknowledgement(scene);
        assertEquals(List.of(), scene.verdict(), "with all guards in place");

        scene.clear();
        try {
            scene.guards().run("alter database tendril set synchronous_commit = off");
            scene.guards().run("alter system set wal_writer_delay = '10s'");
            scene.guards().run("select pg_reload_conf()");
            scene.relay().process().terminate();
            assertThrows(AssertionError.class, () -> scene.relay().start());
            assertTrue(scene.relay().process().output().contains("synchronous_commit"));

            scene.mutants().only("async");
            scene.relay().start();
            theDatabaseDiesBehindAnAcknowledgement(scene);
            Set<Invariant> broken = EnumSet.noneOf(Invariant.class);
            scene.verdict().forEach(v -> broken.add(v.invariant()));
            scene.mutants().assertBit("async");
            assertTrue(
                    broken.containsAll(Set.of(Invariant.I1, Invariant.I7, Invariant.I9)),
                    () -> "broken: " + broken);
        } finally {
            scene.guards().run("alter database tendril reset synchronous_commit");
            scene.guards().run("alter system reset wal_writer_delay");
            scene.guards().run("select pg_reload_conf()");
            scene.clear();
            scene.relay().process().kill();
            scene.relay().start();
        }
    }

    private static void theDatabaseDiesBehindAnAcknowledgement(MutationScene scene)
            throws Exception {
        SeenChat chat = scene.chat();
        scene.guards().run("checkpoint");
        scene.post(chat);
        scene.finish(scene.claimOne(), 1);
        scene.readAll();
        scene.house().database().killAll();
    }

    /// Two processes of one worker: the first sleeps through its lease, the second takes over.
    private static void aZombieAppends(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun first = scene.claimOne();
        scene.send(first, 1);
        ClaimedRun second = scene.takeOver(first);
        scene.send(second, 1);
        scene.send(first, 2);
        scene.finish(second, 2);
    }

    private static void aZombieCompletes(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun first = scene.claimOne();
        scene.send(first, 1);
        ClaimedRun second = scene.takeOver(first);
        scene.send(second, 1);
        scene.sendAs(first, MutationScene.batches(first).size(), 2);
        scene.finish(second, 2);
    }

    private static void aZombieRenews(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun first = scene.claimOne();
        scene.send(first, 1);
        ClaimedRun second = scene.takeOver(first);
        scene.send(second, 1);
        scene.worker().heartbeat(first.runId(), first.leaseToken());
        scene.finish(second, 2);
    }

    private static void aZombieFails(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun first = scene.claimOne();
        scene.send(first, 1);
        ClaimedRun second = scene.takeOver(first);
        scene.send(second, 1);
        scene.worker().fail(first.runId(), first.leaseToken());
        scene.finish(second, 2);
    }

    private static void aZombieGivesBack(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun first = scene.claimOne();
        scene.send(first, 1);
        ClaimedRun second = scene.takeOver(first);
        scene.send(second, 1);
        scene.worker().release(first.runId(), first.leaseToken());
        scene.finish(second, 2);
    }

    /// The zombie ends what another has ended, with the number that would be next.
    private static void aZombieCompletesWhatIsDone(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun first = scene.claimOne();
        scene.send(first, 1);
        ClaimedRun second = scene.takeOver(first);
        scene.finish(second, 1);
        scene.send(first, MutationScene.batches(second).size());
    }

    private static void aBatchIsSentTwice(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun run = scene.claimOne();
        scene.send(run, 1);
        scene.send(run, 2);
        scene.send(run, 2);
        scene.finish(run, 3);
    }

    private static void aBatchIsLostBeforeTheEnd(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun run = scene.claimOne();
        scene.send(run, 1);
        scene.send(run, MutationScene.batches(run).size());
        scene.finish(run, 2);
    }

    /// The answers are given in the wrong order, as far as the relay lets a worker do that.
    private static void threeMessages(MutationScene scene) throws Exception {
        SeenChat chat = scene.chat();
        for (int i = 0; i < 3; i++) {
            scene.post(chat);
        }
        for (int done = 0; done < 3; ) {
            List<ClaimedRun> runs = scene.claim(3);
            if (runs.isEmpty()) {
                throw new MutationScene.Unclaimed();
            }
            for (ClaimedRun run : runs.reversed()) {
                scene.finish(run, 1);
                done++;
            }
        }
    }

    private static void aMessageIsSentTwice(MutationScene scene) throws Exception {
        SeenChat chat = scene.chat();
        String id = UUID.randomUUID().toString();
        scene.post(chat, id);
        scene.post(chat, id);
        scene.finish(scene.claimOne(), 1);
        for (ClaimedRun again : scene.worker().claim(UUID.randomUUID(), 1, 0)) {
            scene.finish(again, 1);
        }
    }

    /// A checkpoint that is refused after its frames had been numbered.
    private static void aWriteIsRolledBack(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun run = scene.claimOne();
        List<List<Frame>> batches = MutationScene.batches(run);
        scene.send(run, 1);
        scene.worker()
                .append(
                        run.runId(),
                        new AppendFrames(
                                run.leaseToken(), 2, batches.get(1), new Checkpoint(7, "{}")));
        scene.finish(run, 2);
    }
}
