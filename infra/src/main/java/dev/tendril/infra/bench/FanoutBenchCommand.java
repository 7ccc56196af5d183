package dev.tendril.infra.bench;

import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.json.Told;
import dev.tendril.infra.stage.Child;
import dev.tendril.infra.stage.Memory;
import dev.tendril.infra.stage.Trees;
import dev.tendril.infra.visitor.Visitor;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `bench fanout`.
@Command(
        name = "fanout",
        mixinStandardHelpOptions = true,
        description = {
            "POST to stream, POSTs per second, one message to many readers, and memory per stream,",
            "beside a relay in memory (Express and ws). Takes about two minutes."
        })
public final class FanoutBenchCommand implements Callable<Integer> {
    private static final Duration READY = Duration.ofSeconds(20);
    private static final int POST_ROOMS = 8_000;

    @Option(
            names = "--streams",
            split = ",",
            defaultValue = "500,2000,10000",
            description = "Open idle streams. Default: ${DEFAULT-VALUE}.")
    private List<Integer> streams = List.of();

    @Option(
            names = "--readers",
            defaultValue = "500",
            description = "Readers of one chat. Default: ${DEFAULT-VALUE}.")
    private int readers;

    @Mixin private final Told told = new Told();

    /// For picocli.
    public FanoutBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("tendril-bench");
        Jars jars = Jars.ofThisBuild();
        try (var house = House.open(jars, directory)) {
            told.progress("starting database and relays …");
            var node = NodePrograms.ready(jars.root(), directory);
            Child inMemory = node.start("relay.mjs", Map.of());
            String port = inMemory.awaitLine(READY, "its port", line -> line.startsWith("port "));
            var memory = new Target.InMemory(URI.create("http://127.0.0.1:" + port.substring(5)));
            var relay =
                    house.relay(
                            "relay",
                            Map.of(
                                    "TENDRIL_CHAT_READERS",
                                    Integer.toString(Math.max(16, readers))));
            Visitor visitor = house.visitor(relay.url());
            var fsync = Fsync.measure(directory);
            var store = new BenchStore(house.database().jdbcUrl());
            int most = Math.max(200, streams.stream().mapToInt(Integer::intValue).max().orElse(0));
            int spare = 12 * FanoutBench.ROOMS;
            List<String> chats =
                    store.chats(spare + 2 * POST_ROOMS + most).stream()
                            .map(Object::toString)
                            .toList();
            store.settle();
            var ours = new Target.Tendril(relay.url(), visitor.grant().token(), chats);

            told.progress("warming up …");
            int room = 0;
            FanoutBench.busy(ours, room);
            room += FanoutBench.ROOMS;
            FanoutBench.busy(memory, 0);
            FanoutBench.posts(ours, spare, POST_ROOMS);
            FanoutBench.posts(memory, 0, POST_ROOMS);
            store.forgetRuns();

            told.progress("one message after the other …");
            var memoryIdle = FanoutBench.idle(memory, 0);
            var idle = FanoutBench.idle(ours, room);
            room += FanoutBench.ROOMS;

            told.progress(FanoutBench.PER_SECOND + " messages per second …");
            var memoryBusy = new ArrayList<Latencies>();
            var busy = new ArrayList<Latencies>();
            for (int round = 0; round < 2; round++) {
                memoryBusy.add(FanoutBench.busy(memory, 0));
                busy.add(FanoutBench.busy(ours, room));
                room += FanoutBench.ROOMS;
            }

            told.progress("as many messages as go …");
            store.settle();
            double memoryPosts = FanoutBench.posts(memory, 0, POST_ROOMS);
            double posts = FanoutBench.posts(ours, spare + POST_ROOMS, POST_ROOMS);

            told.progress("one message to " + readers + " readers …");
            var memoryFanOut = FanoutBench.fanOut(memory, 0, readers);
            var fanOut = FanoutBench.fanOut(ours, room, readers);

            relay.process().terminate();
            var fresh = house.relay("idle");
            long pid = fresh.process().pid();
            var idleStreams = new Target.Tendril(fresh.url(), visitor.grant().token(), chats);
            FanoutBench.memory(idleStreams, spare + 2 * POST_ROOMS, 200, pid);
            var open = new ArrayList<FanoutReport.Streams>();
            for (int n : streams) {
                told.progress(n + " idle streams …");
                open.add(FanoutBench.memory(idleStreams, spare + 2 * POST_ROOMS, n, pid));
            }
            var report =
                    new FanoutReport(
                            Memory.machine(),
                            QueueReport.Span.of(fsync),
                            FanoutReport.Pair.of(idle, memoryIdle),
                            FanoutReport.Pair.of(Latencies.all(busy), Latencies.all(memoryBusy)),
                            FanoutBench.PER_SECOND,
                            new FanoutReport.Posts(FanoutBench.CLIENTS, posts, memoryPosts),
                            new FanoutReport.FanOut(
                                    readers,
                                    QueueReport.Span.of(fanOut),
                                    QueueReport.Span.of(memoryFanOut)),
                            open);
            told.found(report, report::table);
            inMemory.close();
        } finally {
            Trees.delete(directory);
        }
        return 0;
    }
}
