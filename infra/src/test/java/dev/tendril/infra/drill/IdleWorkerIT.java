package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.RunStatus;
import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stage.CutProxy;
import dev.tendril.infra.stage.Tap;
import dev.tendril.infra.visitor.Visitor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a worker costs that has nothing to do, after 500 chats: less than one request a second and
/// less than 1 % of a core. The original asks 244 times a second then.
@Tag("nightly")
final class IdleWorkerIT {
    private static final int CHATS = 500;
    private static final int PER_SESSION = 100;
    private static final Duration WATCHED = Duration.ofSeconds(60);

    @TempDir private Path directory;

    /// Counts what begins like a request.
    private static final class Requests implements Tap {
        private final AtomicLong count = new AtomicLong();

        @Override
        public Wire open() {
            return new Wire() {
                @Override
                public void fromClient(byte[] bytes, int length) {
                    String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
                    count.addAndGet(text.split("(?:GET|POST|PUT|DELETE) /api/", -1).length - 1L);
                }
            };
        }
    }

    @Test
    void fiveHundredFinishedChatsCostAnIdleWorkerNothing() throws Exception {
        Requests requests = new Requests();
        try (House house = House.open(Jars.ofThisBuild(), directory)) {
            House.Relay relay = house.relay("relay");
            House.Stub stub = house.stub("deltas=1");
            try (CutProxy proxy = CutProxy.to(List.of(relay.url()), requests)) {
                House.Worker worker = house.worker("worker", proxy.url(), Scene.options(stub));
                answer(house, relay);
                pause(Duration.ofSeconds(5));
                long asked = requests.count.get();
                Duration before = cpu(worker);
                pause(WATCHED);
                double perSecond = (double) (requests.count.get() - asked) / WATCHED.toSeconds();
                double share = (double) cpu(worker).minus(before).toNanos() / WATCHED.toNanos();
                String figures =
                        String.format(
                                Locale.ROOT,
                                "idle worker, %d finished chats: %.2f requests/s, %.2f %% of a"
                                        + " core",
                                CHATS,
                                perSecond,
                                100 * share);
                System.out.println(figures);
                assertTrue(requests.count.get() > 0, "no request was seen at all");
                assertTrue(perSecond < 1 && share < 0.01, figures);
            }
        }
    }

    private static void answer(House house, House.Relay relay) throws Exception {
        for (int session = 0; session < CHATS / PER_SESSION; session++) {
            Visitor visitor = house.visitor(relay.url());
            for (int i = 0; i < PER_SESSION; i++) {
                UUID chat = visitor.openChat();
                visitor.say(chat, "Hello " + i);
                Await.until(Duration.ofSeconds(20), "an answer", () -> answered(visitor, chat));
            }
        }
    }

    private static boolean answered(Visitor visitor, UUID chat) throws Exception {
        return visitor.messages(chat).size() == 2
                && !(visitor.chat(chat).run() instanceof RunStatus live
                        && live.state().equals("running"));
    }

    private static Duration cpu(House.Worker worker) {
        return ProcessHandle.of(worker.process().pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElseThrow();
    }

    /// The thing measured is what happens while nothing does.
    private static void pause(Duration time) throws InterruptedException {
        boolean unused = new Semaphore(0).tryAcquire(time.toMillis(), TimeUnit.MILLISECONDS);
    }
}
