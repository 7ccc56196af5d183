package dev.tendril.relay.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.run.Claims;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls.Answer;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class ClaimTest extends DatabaseTest {

    private EmbeddedServer server;
    private Tokens tokens;
    private ClaimDesk desk;
    private MeterRegistry meters;
    private Stage stage;
    private int number;

    @BeforeAll
    void server(EmbeddedServer server, Tokens tokens, ClaimDesk desk, MeterRegistry meters) {
        this.server = server;
        this.tokens = tokens;
        this.desk = desk;
        this.meters = meters;
    }

    @BeforeEach
    void stage() {
        stage = new Stage(server, tokens, dataSource(), "claims-" + number++);
    }

    @Test
    void aParkedClaimIsAnsweredRightAfterThePost() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        List<Long> ms = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            UUID chat = visitor.chat();
            CompletableFuture<Answer> claim = async(() -> worker.claim(UUID.randomUUID(), 1, 20));
            awaitParked(1);
            long posted = System.nanoTime();
            visitor.said(chat, "m1", "Hi");
            var claims = Stage.ok(200, claim.join()).as(Claims.class);
            ms.add((System.nanoTime() - posted) / 1_000_000);
            worker.answer(claims.runs().getFirst(), "Yes");
        }
        ms.sort(null);
        System.out.println("post to claim, ms: " + ms);
        assertTrue(ms.get(5) < 500, ms.toString());
    }

    @Test
    void nothingToDoIs204AfterTheWait() {
        var worker = stage.worker();
        long asked = System.nanoTime();
        assertEquals(204, worker.claim(UUID.randomUUID(), 1, 1).status());
        assertTrue(System.nanoTime() - asked > 900_000_000L);
        assertEquals(204, worker.claim(UUID.randomUUID(), 1, 0).status());
    }

    @Test
    void aLostSignalCostsASecond() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        UUID chat = visitor.chat();
        visitor.said(chat, "m1", "Hi");
        stage.sql("update run set pool = 'later' where workspace_id = '" + stage.workspace() + "'");
        CompletableFuture<Answer> claim = async(() -> worker.claim(UUID.randomUUID(), 1, 20));
        awaitParked(1);
        long changed = System.nanoTime();
        stage.sql("update run set pool = 'chat' where workspace_id = '" + stage.workspace() + "'");
        Stage.ok(200, claim.join());
        long ms = (System.nanoTime() - changed) / 1_000_000;
        System.out.println("without a signal, ms: " + ms);
        assertTrue(ms < 2_500, ms + " ms");
    }

    /// A poll that waits asks nothing, all of them together once a second. Counted by the pool:
    /// PostgreSQL's own counters may come ten seconds late.
    @Test
    void whoWaitsInAQuietTimeAsksNothing() {
        var worker = stage.worker();
        long alone = connectionsIn(Duration.ofSeconds(3));
        List<CompletableFuture<Answer>> claims = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            claims.add(async(() -> worker.claim(UUID.randomUUID(), 1, 5)));
        }
        awaitParked(40);
        long parked = connectionsIn(Duration.ofSeconds(3));
        System.out.println(
                "connections in 3 s: " + alone + " with nobody, " + parked + " with 40 parked");
        assertTrue(alone > 0, "the pool counts");
        assertTrue(parked - alone <= 8, alone + " and " + parked);
        claims.forEach(claim -> assertEquals(204, claim.join().status()));
    }

    /// How often a connection was borrowed and given back meanwhile.
    private long connectionsIn(Duration time) {
        long before = given();
        long end = System.nanoTime() + time.toNanos();
        // Polls the clock alone.
        Stage.await("the time", time.multipliedBy(3), () -> System.nanoTime() - end > 0);
        return given() - before;
    }

    private long given() {
        return meters.find("hikaricp.connections.usage").timers().stream()
                .mapToLong(Timer::count)
                .sum();
    }

    @Test
    void aFreedPlaceWakesWhoTheLimitKeptWaiting() {
        stage.sql("update workspace set max_running = 1 where id = '" + stage.workspace() + "'");
        var visitor = stage.visitor();
        var worker = stage.worker();
        List<Long> ms = new ArrayList<>();
        visitor.said(visitor.chat(), "m1", "Hi");
        var running = worker.claimed();
        for (int i = 0; i < 8; i++) {
            visitor.said(visitor.chat(), "m1", "Hi");
            CompletableFuture<Answer> claim = async(() -> worker.claim(UUID.randomUUID(), 1, 20));
            awaitParked(1);
            long freed = System.nanoTime();
            worker.answer(running, "Yes");
            running = Stage.ok(200, claim.join()).as(Claims.class).runs().getFirst();
            ms.add((System.nanoTime() - freed) / 1_000_000);
        }
        worker.answer(running, "Yes");
        ms.sort(null);
        System.out.println("freed place to claim, answering included, ms: " + ms);
        assertTrue(ms.get(4) < 400, ms + ": the bell did not ring");
    }

    @Test
    void aRunWakesAWorkerThatOffersWhatItNeedsHoweverManyOthersWait() {
        stage.sql("update workspace set needs = '{tools}' where id = '" + stage.workspace() + "'");
        var visitor = stage.visitor();
        List<CompletableFuture<Answer>> others = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            var plain = stage.worker();
            others.add(async(() -> plain.claim(UUID.randomUUID(), 1, 25)));
        }
        awaitParked(6);
        var able = stage.worker();
        List<Long> ms = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            CompletableFuture<Answer> claim =
                    async(() -> able.post("/api/v1/claims?wait=20", offering("tools\",\"model:m")));
            awaitParked(7);
            long posted = System.nanoTime();
            visitor.said(visitor.chat(), "m1", "Hi");
            var run = Stage.ok(200, claim.join()).as(Claims.class).runs().getFirst();
            ms.add((System.nanoTime() - posted) / 1_000_000);
            able.answer(run, "Yes");
        }
        ms.sort(null);
        System.out.println("post to the one worker that can, ms: " + ms);
        assertTrue(ms.get(2) < 400, ms.toString());
        stage.sql("update workspace set needs = '{}' where id = '" + stage.workspace() + "'");
        others.forEach(_ -> visitor.said(visitor.chat(), "m1", "Hi"));
        others.forEach(claim -> assertEquals(200, claim.join().status()));
    }

    private static String offering(String tags) {
        return "{\"claimKey\":\"%s\",\"capacity\":1,\"pools\":[\"chat\"],\"offers\":[\"%s\"]}"
                .formatted(UUID.randomUUID(), tags);
    }

    /// Ten at once for ten who wait: all are delivered by one bell and the chain behind it.
    @Test
    void aBurstReachesAllWhoWait() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        List<CompletableFuture<Long>> claims = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            claims.add(
                    async(() -> {
                        Stage.ok(200, worker.claim(UUID.randomUUID(), 1, 20));
                        return System.nanoTime();
                    }));
        }
        awaitParked(10);
        List<UUID> chats = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            chats.add(visitor.chat());
        }
        long begun = System.nanoTime();
        chats.forEach(chat -> visitor.said(chat, "m1", "Hi"));
        long posted = System.nanoTime();
        List<Long> ms = new ArrayList<>();
        claims.forEach(claim -> ms.add((claim.join() - begun) / 1_000_000));
        ms.sort(null);
        System.out.println(
                "ten posts in " + (posted - begun) / 1_000_000 + " ms, claims after ms: " + ms);
        assertTrue(ms.getLast() < 900 + (posted - begun) / 1_000_000, ms.toString());
    }

    @Test
    void theSameKeyGetsTheSameRuns() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        for (int i = 0; i < 3; i++) {
            visitor.said(visitor.chat(), "m1", "Hi");
        }
        UUID key = UUID.randomUUID();
        var first = Stage.ok(200, worker.claim(key, 2, 0)).as(Claims.class);
        var second = Stage.ok(200, worker.claim(key, 2, 0)).as(Claims.class);
        assertEquals(2, first.runs().size());
        assertEquals(first, second);
        var other = Stage.ok(200, worker.claim(UUID.randomUUID(), 5, 0)).as(Claims.class);
        assertEquals(1, other.runs().size());
        assertEquals(204, stage.worker().claim(key, 2, 0).status(), "a key belongs to its worker");
    }

    @Test
    void aSecondRequestWithTheKeyTakesTheFirstOnesPlace() {
        var worker = stage.worker();
        UUID key = UUID.randomUUID();
        CompletableFuture<Answer> first = async(() -> worker.claim(key, 1, 20));
        awaitParked(1);
        long asked = System.nanoTime();
        CompletableFuture<Answer> second = async(() -> worker.claim(key, 1, 2));
        assertEquals(204, first.join().status());
        assertTrue(System.nanoTime() - asked < 1_500_000_000L);
        assertEquals(204, second.join().status());
    }

    @Test
    void whoHangsUpHoldsNothing() throws IOException {
        var visitor = stage.visitor();
        var gone = stage.worker();
        String body =
                "{\"claimKey\":\"%s\",\"capacity\":1,\"pools\":[\"chat\"]}"
                        .formatted(UUID.randomUUID());
        try (Socket socket = new Socket(server.getURI().getHost(), server.getURI().getPort())) {
            String request =
                    "POST /api/v1/claims?wait=20 HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                            + "Authorization: Bearer "
                            + gone.token()
                            + "\r\nContent-Length: "
                            + body.length()
                            + "\r\n\r\n"
                            + body;
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            awaitParked(1);
        }
        awaitParked(0);
        visitor.said(visitor.chat(), "m1", "Hi");
        var run = stage.worker().claimed();
        assertEquals(1, run.attempt());
    }

    @Test
    void nobodyWhoWaitsHoldsAConnection() {
        var worker = stage.worker();
        List<CompletableFuture<Answer>> claims = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            claims.add(async(() -> worker.claim(UUID.randomUUID(), 1, 4)));
        }
        awaitParked(40);
        assertEquals(200, stage.visitor().get("/api/v1/chats").status(), "a pool of 4 is free");
        claims.forEach(claim -> assertEquals(204, claim.join().status()));
    }

    @Test
    void aDrainingWorkerGetsNothing() {
        var visitor = stage.visitor();
        var worker = stage.worker();
        visitor.said(visitor.chat(), "m1", "Hi");
        Stage.ok(204, worker.post("/api/v1/workers/self/drain", "{}"));
        assertEquals(204, worker.claim(UUID.randomUUID(), 1, 0).status());
        assertEquals(200, stage.worker().claim(UUID.randomUUID(), 1, 0).status());
    }

    @Test
    void badRequestsAreRefused() {
        var worker = stage.worker();
        String path = "/api/v1/claims?wait=";
        String key = "\"claimKey\":\"" + UUID.randomUUID() + "\"";
        assertEquals(
                400,
                worker.post(path + 26, "{" + key + ",\"capacity\":1,\"pools\":[\"chat\"]}")
                        .status());
        assertEquals(
                400,
                worker.post(path + -1, "{" + key + ",\"capacity\":1,\"pools\":[\"chat\"]}")
                        .status());
        for (String body :
                List.of(
                        "{}",
                        "{" + key + ",\"capacity\":0,\"pools\":[\"chat\"]}",
                        "{" + key + ",\"capacity\":65,\"pools\":[\"chat\"]}",
                        "{" + key + ",\"capacity\":1,\"pools\":[]}",
                        "{" + key + ",\"capacity\":1,\"pools\":[\"Chat/x\"]}",
                        "{" + key + ",\"capacity\":1,\"pools\":[\"a\",\"a\"]}",
                        "{" + key + ",\"capacity\":1}",
                        "{" + key + ",\"capacity\":1,\"pools\":[\"chat\"],\"offers\":[\"a b\"]}",
                        "{\"claimKey\":\"x\",\"capacity\":1,\"pools\":[\"chat\"]}")) {
            assertEquals(400, worker.post(path + 0, body).status(), body);
        }
    }

    private void awaitParked(int count) {
        Stage.await(count + " parked", Duration.ofSeconds(5), () -> desk.parked() == count);
    }

    private static <T> CompletableFuture<T> async(Supplier<T> call) {
        return CompletableFuture.supplyAsync(call, task -> Thread.ofVirtual().start(task));
    }
}
