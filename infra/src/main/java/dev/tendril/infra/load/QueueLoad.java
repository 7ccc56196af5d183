package dev.tendril.infra.load;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.service.run.Claimant;
import dev.tendril.service.run.LeasedCall;
import dev.tendril.service.run.RunQueue;
import dev.tendril.service.run.RunWriter;
import io.micronaut.context.ApplicationContext;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// Claims and completes ready runs until there are none, so many claimers at once.
///
/// Started with a JDBC URL, a workspace's and a worker's id; then reads numbers of claimers, one a
/// line, and answers each with `runs seconds`.
public final class QueueLoad {
    private static final Frame FINISH = new Frame.Finish(Metadata.at(null));
    private static final List<String> POOLS = List.of("chat");

    private final RunQueue queue;
    private final RunWriter writer;
    private final UUID workspace;
    private final UUID worker;

    private QueueLoad(RunQueue queue, RunWriter writer, UUID workspace, UUID worker) {
        this.queue = queue;
        this.writer = writer;
        this.workspace = workspace;
        this.worker = worker;
    }

    /// See the class.
    public static void main(String[] args) throws Exception {
        Map<String, Object> settings =
                Map.of(
                        "datasources.default.url", args[0],
                        "flyway.datasources.default.enabled", "false",
                        "tendril.signals", "local");
        try (var context = ApplicationContext.builder().properties(settings).start();
                var lines =
                        new BufferedReader(
                                new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
            var load =
                    new QueueLoad(
                            context.getBean(RunQueue.class),
                            context.getBean(RunWriter.class),
                            UUID.fromString(args[1]),
                            UUID.fromString(args[2]));
            System.out.println("ready");
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println(load.drain(Integer.parseInt(line)));
            }
        }
    }

    private String drain(int claimers) throws InterruptedException, ExecutionException {
        long begun = System.nanoTime();
        int runs = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var working = new ArrayList<Future<Integer>>();
            for (int i = 0; i < claimers; i++) {
                working.add(threads.submit(this::claimer));
            }
            for (Future<Integer> one : working) {
                runs += one.get();
            }
        }
        return runs + " " + (System.nanoTime() - begun) / 1e9;
    }

    private int claimer() throws IOException {
        int runs = 0;
        while (true) {
            List<ClaimedRun> claimed =
                    queue.claim(
                            new Claimant(workspace, worker, UUID.randomUUID(), List.of(), null),
                            1,
                            POOLS);
            if (claimed.isEmpty()) {
                return runs;
            }
            ClaimedRun run = claimed.getFirst();
            writer.complete(
                    new LeasedCall(workspace, worker, run.runId(), run.leaseToken()),
                    new CompleteRun(
                            run.leaseToken(),
                            1,
                            List.of(new Frame.Start(run.answerId(), null), FINISH)));
            runs++;
        }
    }
}
