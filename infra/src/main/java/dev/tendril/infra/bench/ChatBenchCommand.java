package dev.tendril.infra.bench;

import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.json.Told;
import dev.tendril.infra.stage.Memory;
import dev.tendril.infra.stage.Trees;
import dev.tendril.infra.visitor.Visitor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `bench chat`.
@Command(
        name = "chat",
        mixinStandardHelpOptions = true,
        description = {
            "Latency per delta, first delta and chats per second through relay and worker,",
            "beside reading the same stub model directly. Takes about a minute."
        })
public final class ChatBenchCommand implements Callable<Integer> {
    @Option(
            names = "--chats",
            split = ",",
            defaultValue = "1,16,64",
            description = "Chats at once, up to 64 each. Default: ${DEFAULT-VALUE}.")
    private List<Integer> chats = List.of();

    @Mixin private final Told told = new Told();

    /// For picocli.
    public ChatBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("tendril-bench");
        try (var house = House.open(Jars.ofThisBuild(), directory)) {
            told.progress("starting database, relay, worker, stub model …");
            var relay = house.relay("relay");
            var stub = house.stub();
            var options = new ArrayList<>(List.of(stub.workerOptions()));
            options.addAll(List.of("--concurrency", "64"));
            house.worker("worker", relay.url(), options.toArray(String[]::new));
            Visitor visitor = house.visitor(relay.url());
            var bench =
                    new ChatBench(
                            relay,
                            visitor,
                            new ModelReader(house.http(), stub.control().baseUrl()),
                            line -> told.progress(line + " …"));
            bench.warmUp();
            var rows = new ArrayList<ChatReport.Row>();
            for (int n : chats) {
                rows.add(bench.row(n));
            }
            long pid = relay.process().pid();
            var report =
                    new ChatReport(
                            Memory.machine(),
                            ChatBench.DELTAS,
                            ChatBench.INTERVAL_MS,
                            rows,
                            new ChatReport.Memory(Memory.rssMb(pid), Memory.liveHeapMb(pid)));
            told.found(report, report::table);
        } finally {
            Trees.delete(directory);
        }
        return 0;
    }
}
