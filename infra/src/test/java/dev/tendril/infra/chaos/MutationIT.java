package dev.tendril.infra.chaos;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.house.Jars;
import dev.tendril.infra.ledger.Invariant;
import dev.tendril.infra.ledger.Violation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
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
    private final Set<Play> whole = EnumSet.noneOf(Play.class);
    private MutationScene scene;

    @BeforeAll
    void open() throws Exception {
        Path directory =
                Jars.ofThisBuild()
                        .root()
                        .resolve("infra/target/mutation/" + ProcessHandle.current().pid());
        scene = MutationScene.open(directory, GuardRules.in(directory.resolve("mutants")));
    }

    @AfterAll
    void close() throws Exception {
        if (scene != null) {
            scene.close();
        }
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
                new Guard("append-token", Play.ZOMBIE_APPENDS, Invariant.I5, Invariant.I6),
                new Guard("complete-token", Play.ZOMBIE_COMPLETES, Invariant.I5, Invariant.I6),
                new Guard("renew-token", Play.ZOMBIE_RENEWS, Invariant.I5),
                new Guard("fail-token", Play.ZOMBIE_FAILS, Invariant.I5),
                new Guard("release-token", Play.ZOMBIE_GIVES_BACK, Invariant.I5),
                new Guard("append-batch", Play.BATCH_TWICE, Invariant.I6),
                new Guard("complete-batch", Play.BATCH_LOST, Invariant.I6),
                new Guard("fence", Play.ZOMBIE_APPENDS, Invariant.I5),
                new Guard("reap", Play.ZOMBIE_APPENDS, Invariant.I1B),
                new Guard("promote", Play.THREE_MESSAGES, Invariant.I1B),
                new Guard("order", Play.THREE_MESSAGES, Invariant.I4),
                new Guard(
                        "head",
                        Play.THREE_MESSAGES,
                        List.of("drop index run_head"),
                        List.of(
                                "create unique index run_head on run (stream_id) where state in ('ready', 'running')"),
                        EnumSet.of(Invariant.I4)),
                new Guard(
                        "twice",
                        Play.ZOMBIE_COMPLETES_WHAT_IS_DONE,
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
                        Play.MESSAGE_TWICE,
                        List.of("alter table message drop constraint message_pkey cascade"),
                        List.of("alter table message add primary key (chat_id, id)"),
                        EnumSet.of(Invariant.I2B)),
                new Guard(
                        "counter",
                        Play.WRITE_ROLLED_BACK,
                        List.of("create sequence loose", "alter sequence loose owner to tendril"),
                        List.of("drop sequence loose"),
                        EnumSet.of(Invariant.I3, Invariant.I9B)));
    }

    @ParameterizedTest
    @MethodSource("guards")
    void isMissed(Guard guard) throws Exception {
        if (whole.add(guard.play)) {
            scene.clear();
            guard.play.of(scene);
            assertEquals(List.of(), scene.verdict(), "with all guards in place");
        }

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
        Play.DATABASE_DIES.of(scene);
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
            Play.DATABASE_DIES.of(scene);
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
}
