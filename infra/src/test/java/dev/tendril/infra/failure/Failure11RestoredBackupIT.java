package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.infra.drill.Verdicts;
import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.stage.CallProxy;
import dev.tendril.infra.stage.Trees;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// The database is what it was some time ago: a backup was restored. Whoever has read what is lost
/// is told so, and whoever had a right that is lost is refused; no number means two things.
@ResourceLock(FailureScene.LOCK)
final class Failure11RestoredBackupIT {
    private final FailureScene scene = FailureScene.get();

    @Test
    void oldCursorsAndOldTokensAreRefused() throws Exception {
        Path directory = FailureScene.directory("restored");
        try (House house = House.open(Jars.ofThisBuild(), directory)) {
            House.Relay relay = house.relay("restored-relay", FailureScene.BRIEF);
            try (var proxy = CallProxy.to(relay.url())) {
                House.Worker worker =
                        house.worker(
                                "restored-worker", proxy.url(), FailureScene.options(scene.stub));
                Visitor visitor = house.visitor(relay.url());
                UUID chat = visitor.openChat();
                Turn kept = Turn.ask(house, visitor, chat, FailureScene.text("kept", 20, 0), 20);
                kept.assertAnswered();

                Path backup = directory.resolve("backup");
                house.database().restart(root -> copy(root.resolve("cluster"), backup));

                // What the restored database does not know: an answer, and one under way.
                FailureScene.soon("readiness", () -> relay.status("/health/ready") == 200);
                Turn lost = Turn.ask(house, visitor, chat, FailureScene.text("lost", 20, 0), 20);
                lost.nth(2).assertAnswered();
                String cursor = visitor.chat(chat).cursor();
                List<CallProxy.Call> writes = new CopyOnWriteArrayList<>();
                Accepted running = begin(proxy, visitor, chat, writes);

                house.database()
                        .restart(root -> {
                            Trees.delete(root.resolve("cluster"));
                            copy(backup, root.resolve("cluster"));
                        });
                FailureScene.soon("readiness", () -> relay.status("/health/ready") == 200);
                for (CallProxy.Call write : writes) {
                    String answer = write.again().send();
                    assertFalse(answer.contains("lastSeq"), answer);
                }
                // As many numbers as were lost, and more, are given out again.
                for (int i = 0; i < 3; i++) {
                    Turn again =
                            Turn.ask(house, visitor, chat, FailureScene.text("again", 20, 0), 20);
                    again.nth(i + 2).assertAnswered();
                }
                assertNotEquals(epoch(cursor), epoch(visitor.chat(chat).cursor()));
                assertEquals(410, status(visitor, chat, cursor), "the cursor of before");
                assertEquals(410, status(visitor, chat, running.cursor()));
                assertEquals(8, visitor.messages(chat).size());
                Verdicts.assertWhole(house, FailureScene.SOON);
                worker.process().kill();
            }
        }
    }

    /// Begins an answer and notes its first writes.
    private static Accepted begin(
            CallProxy proxy, Visitor visitor, UUID chat, List<CallProxy.Call> writes)
            throws Exception {
        proxy.rule(call -> {
            if (call.path().endsWith("/frames")) {
                writes.add(call);
            }
            return CallProxy.Fate.pass();
        });
        Accepted running = visitor.say(chat, FailureScene.text("under way", 200, 25));
        FailureScene.soon("some writes", () -> writes.size() > 3);
        proxy.pass();
        return running;
    }

    private static String epoch(String cursor) {
        return cursor.substring(0, cursor.indexOf(':'));
    }

    private static int status(Visitor visitor, UUID chat, String cursor)
            throws IOException, InterruptedException {
        return visitor.call("GET", "/api/v1/chats/" + chat + "/stream?after=" + cursor, null)
                .statusCode();
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var all = Files.walk(from)) {
            for (Path path : (Iterable<Path>) all::iterator) {
                Files.copy(
                        path,
                        to.resolve(from.relativize(path)),
                        java.nio.file.StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
