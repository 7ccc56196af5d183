package dev.tendril.infra.bench;

import static java.util.Objects.requireNonNull;

import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.json.Json;
import dev.tendril.infra.stage.Child;
import dev.tendril.infra.stage.Memory;
import dev.tendril.infra.stage.Trees;
import dev.tendril.infra.visitor.Visitor;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

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

    @Option(names = "--json", description = "Print one JSON object instead of a table.")
    private boolean json;

    @Spec private @Nullable CommandSpec spec;

    /// For picocli.
    public FanoutBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        PrintWriter out = requireNonNull(spec).commandLine().getOut();
        Path directory = Files.createTempDirectory("tendril-bench");
        Jars jars = Jars.ofThisBuild();
        try (var house = House.open(jars, directory)) {
            say("starting database and relays …");
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

            say("warming up …");
            int room = 0;
            FanoutBench.busy(ours, room);
            room += FanoutBench.ROOMS;
            FanoutBench.busy(memory, 0);
            FanoutBench.posts(ours, spare, POST_ROOMS);
            FanoutBench.posts(memory, 0, POST_ROOMS);
            store.forgetRuns();

            say("one message after the other …");
            var memoryIdle = FanoutBench.idle(memory, 0);
            var idle = FanoutBench.idle(ours, room);
            room += FanoutBench.ROOMS;

            say(FanoutBench.PER_SECOND + " messages per second …");
            var memoryBusy = new ArrayList<Latencies>();
            var busy = new ArrayList<Latencies>();
            for (int round = 0; round < 2; round++) {
                memoryBusy.add(FanoutBench.busy(memory, 0));
                busy.add(FanoutBench.busy(ours, room));
                room += FanoutBench.ROOMS;
            }

            say("as many messages as go …");
            store.settle();
            double memoryPosts = FanoutBench.posts(memory, 0, POST_ROOMS);
            double posts = FanoutBench.posts(ours, spare + POST_ROOMS, POST_ROOMS);

            say("one message to " + readers + " readers …");
            var memoryFanOut = FanoutBench.fanOut(memory, 0, readers);
            var fanOut = FanoutBench.fanOut(ours, room, readers);

            relay.process().terminate();
            var fresh = house.relay("idle");
            long pid = fresh.process().pid();
            var idleStreams = new Target.Tendril(fresh.url(), visitor.grant().token(), chats);
            FanoutBench.memory(idleStreams, spare + 2 * POST_ROOMS, 200, pid);
            var open = new ArrayList<FanoutReport.Streams>();
            for (int n : streams) {
                say(n + " idle streams …");
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
            out.println(
                    json ? new String(Json.bytes(report), StandardCharsets.UTF_8) : report.table());
            out.flush();
            inMemory.close();
        } finally {
            Trees.delete(directory);
        }
        return 0;
    }

    private void say(String line) {
        PrintWriter err = requireNonNull(spec).commandLine().getErr();
        err.println(line);
        err.flush();
    }
}
