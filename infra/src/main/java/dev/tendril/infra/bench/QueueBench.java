package dev.tendril.infra.bench;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.infra.house.House;
import dev.tendril.infra.json.Json;
import dev.tendril.infra.stage.Child;
import io.micronaut.serde.annotation.Serdeable;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// Claims and completions of Tendril beside graphile-worker's, on one database.
final class QueueBench {
    private static final Duration LIMIT = Duration.ofSeconds(120);
    private static final int PROBES = 300;
    private static final int PARKED = 4;

    private final House house;
    private final House.Relay relay;
    private final WorkerCalls worker;
    private final BenchStore store;
    private final Consumer<String> progress;
    private final int runs;

    /// @param runs for one claimer; more claimers get up to 8 times as many
    QueueBench(
            House house,
            House.Relay relay,
            WorkerCalls worker,
            int runs,
            Consumer<String> progress) {
        this.house = house;
        this.relay = relay;
        this.worker = worker;
        this.store = new BenchStore(house.database().jdbcUrl());
        this.runs = runs;
        this.progress = progress;
    }

    /// Runs of this many claimers per second, without HTTP, in `load`, a process of ours.
    double[] stores(List<String> command, List<Integer> claimers) throws Exception {
        var rates = new double[claimers.size()];
        Process load =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var in =
                        new BufferedWriter(
                                new OutputStreamWriter(
                                        load.getOutputStream(), StandardCharsets.UTF_8));
                var out =
                        new BufferedReader(
                                new InputStreamReader(
                                        load.getInputStream(), StandardCharsets.UTF_8))) {
            awaitReady(out);
            store.readyRuns(runs);
            ask(in, out, 8);
            for (int i = 0; i < rates.length; i++) {
                progress.accept("claims without HTTP, " + claimers.get(i) + " at once");
                store.readyRuns(count(claimers.get(i)));
                rates[i] = ask(in, out, claimers.get(i));
                requireDrained();
            }
        } finally {
            load.destroyForcibly();
        }
        return rates;
    }

    /// The same over HTTP.
    double[] http(List<Integer> claimers) throws Exception {
        var rates = new double[claimers.size()];
        store.readyRuns(runs);
        drain(8);
        for (int i = 0; i < rates.length; i++) {
            progress.accept("claims over HTTP, " + claimers.get(i) + " at once");
            int count = count(claimers.get(i));
            store.readyRuns(count);
            rates[i] = count / drain(claimers.get(i));
            requireDrained();
        }
        return rates;
    }

    /// Jobs of graphile-worker per second.
    double[] graphile(NodePrograms node, List<Integer> claimers) throws Exception {
        progress.accept("graphile-worker");
        var arguments = new ArrayList<Object>();
        arguments.add(runs);
        arguments.add(8);
        arguments.addAll(claimers);
        var rates = new double[claimers.size()];
        try (Child child =
                node.start(
                        "graphile.mjs",
                        Map.of("DATABASE_URL", house.database().url()),
                        arguments.toArray())) {
            if (child.awaitExit(LIMIT) != 0) {
                throw new IllegalStateException(child.output());
            }
            List<String> lines = child.output().lines().filter(l -> l.startsWith("{")).toList();
            for (int i = 0; i < rates.length; i++) {
                Drained drained =
                        Json.read(lines.get(i + 1).getBytes(StandardCharsets.UTF_8), Drained.class);
                rates[i] = drained.runs() / drained.seconds();
            }
        }
        return rates;
    }

    /// From the sending of a message to a parked worker's having its run.
    Latencies wakeUps(String visitorToken) throws Exception {
        progress.accept("wake-up of parked workers");
        List<UUID> chats = store.chats(PROBES + PARKED);
        var micros = new long[PROBES];
        var sent = new long[1];
        try (var threads = Executors.newVirtualThreadPerTaskExecutor();
                var visitor = new Wire(relay.url(), visitorToken)) {
            for (int i = 0; i < chats.size(); i++) {
                var had = new CompletableFuture<Long>();
                Future<?> parked =
                        threads.submit(() -> {
                            try (var wire = worker.wire()) {
                                parkedClaim(wire, had);
                            }
                            return null;
                        });
                // Until the claim is parked: nothing tells of it, and a little is enough.
                LockSupport.parkNanos(12_000_000);
                sent[0] = System.nanoTime();
                visitor.post(
                                "/api/v1/chats/" + chats.get(i) + "/messages",
                                "{\"id\":\"m1\",\"parts\":[{\"type\":\"text\",\"text\":\"Hi\"}]}")
                        .expect(202);
                long nanos = had.get() - sent[0];
                parked.get();
                if (i >= PARKED) {
                    micros[i - PARKED] = nanos / 1_000;
                }
            }
        }
        return Latencies.of(micros);
    }

    private static void parkedClaim(Wire wire, CompletableFuture<Long> had) throws IOException {
        List<ClaimedRun> runs = WorkerCalls.claim(wire, 20);
        had.complete(System.nanoTime());
        for (ClaimedRun run : runs) {
            WorkerCalls.complete(wire, run);
        }
    }

    private int count(int claimers) {
        return runs * Math.min(claimers, 8);
    }

    private void requireDrained() throws Exception {
        int left = store.left();
        if (left > 0) {
            throw new IllegalStateException(left + " runs are left");
        }
    }

    /// @return seconds
    private double drain(int claimers) throws InterruptedException, ExecutionException {
        Callable<Integer> claimer =
                () -> {
                    int done = 0;
                    try (var wire = worker.wire()) {
                        for (List<ClaimedRun> runs = WorkerCalls.claim(wire, 0);
                                !runs.isEmpty();
                                runs = WorkerCalls.claim(wire, 0)) {
                            WorkerCalls.complete(wire, runs.getFirst());
                            done++;
                        }
                    }
                    return done;
                };
        long begun = System.nanoTime();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var working = new ArrayList<Future<Integer>>();
            for (int i = 0; i < claimers; i++) {
                working.add(threads.submit(claimer));
            }
            for (Future<Integer> one : working) {
                one.get();
            }
        }
        return (System.nanoTime() - begun) / 1e9;
    }

    private static void awaitReady(BufferedReader out) throws IOException {
        for (String line = out.readLine(); !"ready".equals(line); line = out.readLine()) {
            if (line == null) {
                throw new IOException("the load ended");
            }
        }
    }

    private static double ask(BufferedWriter in, BufferedReader out, int claimers)
            throws IOException {
        in.write(claimers + "\n");
        in.flush();
        String line = out.readLine();
        while (line != null && !line.matches("\\d+ [0-9.E-]+")) {
            line = out.readLine();
        }
        if (line == null) {
            throw new IOException("the load ended");
        }
        String[] told = line.split(" ");
        return Integer.parseInt(told[0]) / Double.parseDouble(told[1]);
    }

    /// What `graphile.mjs` prints.
    @Serdeable
    record Drained(int claimers, int runs, double seconds) {}
}
