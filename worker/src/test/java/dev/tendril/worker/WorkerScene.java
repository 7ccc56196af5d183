package dev.tendril.worker;

import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.worker.auth.WorkerKey;
import dev.tendril.worker.auth.WorkerToken;
import dev.tendril.worker.chat.Persona;
import dev.tendril.worker.chat.TurnLimits;
import dev.tendril.worker.chat.TurnRunner;
import dev.tendril.worker.chat.TurnTools;
import dev.tendril.worker.link.Announcement;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.Credentials;
import dev.tendril.worker.link.RelayLink;
import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEndpoint;
import dev.tendril.worker.model.ModelTimeouts;
import dev.tendril.worker.model.OpenAiClient;
import dev.tendril.worker.model.PatientModel;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.RelayDouble;
import dev.tendril.worker.relay.Wire;
import dev.tendril.worker.run.ClaimLoop;
import dev.tendril.worker.run.Self;
import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/// A worker put together as in the program, between a relay and a model that misbehave on request.
abstract class WorkerScene {
    static final UUID INSTANCE = UUID.randomUUID();

    final RelayDouble relay = new RelayDouble();
    final ModelDouble server = new ModelDouble();
    final List<CompletableFuture<Void>> workers = new ArrayList<>();
    final List<ClaimLoop> loops = new ArrayList<>();
    @TempDir Path dir;

    @AfterEach
    void close() throws Exception {
        for (ClaimLoop loop : loops) {
            loop.drain(Duration.ZERO);
        }
        relay.close();
        server.close();
    }

    static HttpClient http() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(2))
                .build();
    }

    ModelClient model() {
        return new PatientModel(
                new OpenAiClient(
                        ModelEndpoint.of(server.url(), null, "m"),
                        new ModelTimeouts(Duration.ofSeconds(20), Duration.ofSeconds(1)),
                        http(),
                        Wire.JSON));
    }

    ClaimLoop start(ModelClient model, TurnTools tools, int concurrency) {
        WorkerKey key;
        try {
            key = WorkerKey.load(dir);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        var link =
                new RelayLink(
                        relay.uri(),
                        http(),
                        Wire.JSON,
                        new Credentials(
                                WorkerToken.parse(RelayDouble.TOKEN),
                                key,
                                () ->
                                        new Announcement(
                                                model.info().name(),
                                                model.info().kind(),
                                                "test",
                                                INSTANCE),
                                InstantSource.system()));
        var turns =
                new TurnRunner(
                        model,
                        tools,
                        new Persona(dir.resolve("persona.md")),
                        TurnLimits.DEFAULT,
                        Wire.JSON,
                        (run, url) ->
                                link.image(run.runId(), new LeaseCall(run.leaseToken()), url));
        var loop =
                new ClaimLoop(
                        link,
                        turns,
                        concurrency,
                        new Self(INSTANCE, () -> List.of("model:" + model.info().name(), "tools")));
        var running = new CompletableFuture<Void>();
        Thread.ofPlatform()
                .daemon()
                .start(() -> {
                    try {
                        loop.run();
                        running.complete(null);
                    } catch (CallRefused e) {
                        running.completeExceptionally(e);
                    }
                });
        workers.add(running);
        loops.add(loop);
        return loop;
    }

    ClaimLoop start() {
        return start(model(), TurnTools.NONE, 4);
    }

    List<String> types(ClaimedRun run) {
        return relay.frames(run.runId()).stream()
                .map(frame -> frame.getClass().getSimpleName())
                .toList();
    }

    List<Integer> steps(ClaimedRun run) {
        return relay.checkpoints(run.runId()).stream().map(Checkpoint::step).toList();
    }

    static void pause(long ms) throws InterruptedException {
        new Semaphore(0).tryAcquire(ms, TimeUnit.MILLISECONDS);
    }

    long heartbeats(ClaimedRun run) {
        String path = "/api/v1/runs/" + run.runId() + "/heartbeat";
        return relay.calls().stream().filter(path::equals).count();
    }
}
