package dev.tendril.infra.chaos;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import java.util.List;
import java.util.UUID;

/// What is played before a relay with all of its guards, and before one that lacks one.
enum Play {
    ZOMBIE_APPENDS(Play::aZombieAppends),
    ZOMBIE_COMPLETES(Play::aZombieCompletes),
    ZOMBIE_RENEWS(Play::aZombieRenews),
    ZOMBIE_FAILS(Play::aZombieFails),
    ZOMBIE_GIVES_BACK(Play::aZombieGivesBack),
    ZOMBIE_COMPLETES_WHAT_IS_DONE(Play::aZombieCompletesWhatIsDone),
    BATCH_TWICE(Play::aBatchIsSentTwice),
    BATCH_LOST(Play::aBatchIsLostBeforeTheEnd),
    THREE_MESSAGES(Play::threeMessages),
    MESSAGE_TWICE(Play::aMessageIsSentTwice),
    WRITE_ROLLED_BACK(Play::aWriteIsRolledBack),
    DATABASE_DIES(Play::theDatabaseDiesBehindAnAcknowledgement);

    private final Acts acts;

    Play(Acts acts) {
        this.acts = acts;
    }

    private interface Acts {
        void of(MutationScene scene) throws Exception;
    }

    void of(MutationScene scene) throws Exception {
        acts.of(scene);
    }

    private record Pair(ClaimedRun first, ClaimedRun second) {}

    /// Two processes of one worker: the first sleeps through its lease, the second takes over.
    private static Pair takenOver(MutationScene scene) throws Exception {
        scene.post(scene.chat());
        ClaimedRun first = scene.claimOne();
        scene.send(first, 1);
        return new Pair(first, scene.takeOver(first));
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

    private static void aZombieAppends(MutationScene scene) throws Exception {
        Pair pair = takenOver(scene);
        scene.send(pair.second, 1);
        scene.send(pair.first, 2);
        scene.finish(pair.second, 2);
    }

    private static void aZombieCompletes(MutationScene scene) throws Exception {
        Pair pair = takenOver(scene);
        scene.send(pair.second, 1);
        scene.sendAs(pair.first, MutationScene.batches(pair.first).size(), 2);
        scene.finish(pair.second, 2);
    }

    private static void aZombieRenews(MutationScene scene) throws Exception {
        Pair pair = takenOver(scene);
        scene.send(pair.second, 1);
        scene.worker().heartbeat(pair.first.runId(), pair.first.leaseToken());
        scene.finish(pair.second, 2);
    }

    private static void aZombieFails(MutationScene scene) throws Exception {
        Pair pair = takenOver(scene);
        scene.send(pair.second, 1);
        scene.worker().fail(pair.first.runId(), pair.first.leaseToken());
        scene.finish(pair.second, 2);
    }

    private static void aZombieGivesBack(MutationScene scene) throws Exception {
        Pair pair = takenOver(scene);
        scene.send(pair.second, 1);
        scene.worker().release(pair.first.runId(), pair.first.leaseToken());
        scene.finish(pair.second, 2);
    }

    /// The zombie ends what another has ended, with the number that would be next.
    private static void aZombieCompletesWhatIsDone(MutationScene scene) throws Exception {
        Pair pair = takenOver(scene);
        scene.finish(pair.second, 1);
        scene.send(pair.first, MutationScene.batches(pair.second).size());
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
