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

/// `bench queue`.
@Command(
        name = "queue",
        mixinStandardHelpOptions = true,
        description = {
            "Runs claimed and completed per second, beside graphile-worker on the same database,",
            "and how soon a parked worker has a visitor's message. Takes about a minute."
        })
public final class QueueBenchCommand implements Callable<Integer> {
    @Option(
            names = "--claimers",
            split = ",",
            defaultValue = "1,4,16",
            description = "Claimers at once. Default: ${DEFAULT-VALUE}.")
    private List<Integer> claimers = List.of();

    @Option(
            names = "--runs",
            defaultValue = "1000",
            description =
                    "Runs for one claimer, up to 8 times as many for more. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Mixin private final Told told = new Told();

    /// For picocli.
    public QueueBenchCommand() {}

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("tendril-bench");
        Jars jars = Jars.ofThisBuild();
        try (var house = House.open(jars, directory)) {
            told.progress("starting database and relay …");
            var node = NodePrograms.ready(jars.root(), directory);
            var relay = house.relay("relay");
            var worker = WorkerCalls.enter(relay.url(), house.workerToken());
            Visitor visitor = house.visitor(relay.url());
            var fsync = Fsync.measure(directory);
            var bench =
                    new QueueBench(house, relay, worker, runs, line -> told.progress(line + " …"));
            var load =
                    jars.load(
                            "dev.tendril.infra.load.QueueLoad",
                            house.database().jdbcUrl(),
                            new BenchStore(house.database().jdbcUrl()).workspace().toString(),
                            worker.session().workerId().toString());
            double[] graphile = bench.graphile(node, claimers);
            double[] stores = bench.stores(load, claimers);
            double[] http = bench.http(claimers);
            var rows = new ArrayList<QueueReport.Row>();
            for (int i = 0; i < claimers.size(); i++) {
                rows.add(
                        new QueueReport.Row(
                                claimers.get(i),
                                stores[i],
                                http[i],
                                graphile[i],
                                stores[i] / graphile[i],
                                http[i] / graphile[i]));
            }
            var wakeUps = bench.wakeUps(visitor.grant().token());
            var report =
                    new QueueReport(
                            Memory.machine(),
                            QueueReport.Span.of(fsync),
                            rows,
                            QueueReport.Span.of(wakeUps));
            told.found(report, report::table);
        } finally {
            Trees.delete(directory);
        }
        return 0;
    }
}
