package dev.tendril.infra.bench;

import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// The figures of `bench chat`. Times in milliseconds, memory in MiB.
///
/// @param machine cores, memory, Java
/// @param deltas text deltas of a measured answer, one every `deltaIntervalMs`
/// @param rows one for each number of chats at once
/// @param relay memory of the relay at the end
@Serdeable
record ChatReport(String machine, int deltas, int deltaIntervalMs, List<Row> rows, Memory relay) {
    /// Copies the rows.
    ChatReport {
        rows = List.copyOf(rows);
    }

    /// @param chats at once
    /// @param direct latency of a delta when the model is read directly
    /// @param through the same through worker and relay
    /// @param addedP50 the difference of the medians
    /// @param addedP99 the difference of the 99th percentiles
    /// @param directFirst from the question to the first delta, median, directly
    /// @param throughFirst the same through relay and worker, from the POST on
    /// @param addedFirst their difference
    /// @param chatsPerSecond short answers (20 deltas at once) completed per second by so many
    ///   visitors at once
    /// @param directPerSecond the same directly at the model
    /// @param relayRssMb the relay's resident memory after this row
    @Serdeable
    record Row(
            int chats,
            Percentiles direct,
            Percentiles through,
            double addedP50,
            double addedP99,
            double directFirst,
            double throughFirst,
            double addedFirst,
            double chatsPerSecond,
            double directPerSecond,
            double relayRssMb) {}

    @Serdeable
    record Percentiles(double p50, double p99) {
        static Percentiles of(Latencies latencies) {
            return new Percentiles(latencies.millis(50), latencies.millis(99));
        }
    }

    /// @param heapUsedMb after a full collection
    @Serdeable
    record Memory(double rssMb, double heapUsedMb) {}

    /// For people.
    String table() {
        var out = new StringBuilder();
        out.append(machine).append('\n');
        out.append(
                "Answers of %d deltas, one every %d ms; latency of a delta in ms.%n%n"
                        .formatted(deltas, deltaIntervalMs));
        out.append(
                "        direct         through        added          first delta (median)      "
                        + "chats/s            relay\n");
        out.append(
                " chats    p50    p99     p50    p99     p50    p99  direct through  added    "
                        + "direct   through    RSS MiB\n");
        for (Row row : rows) {
            out.append(
                    "%6d %6.1f %6.1f  %6.1f %6.1f  %6.1f %6.1f  %6.1f  %6.1f %6.1f  %8.1f  %8.1f  %9.0f%n"
                            .formatted(
                                    row.chats,
                                    row.direct.p50,
                                    row.direct.p99,
                                    row.through.p50,
                                    row.through.p99,
                                    row.addedP50,
                                    row.addedP99,
                                    row.directFirst,
                                    row.throughFirst,
                                    row.addedFirst,
                                    row.directPerSecond,
                                    row.chatsPerSecond,
                                    row.relayRssMb));
        }
        out.append(
                "%nRelay at the end: %.0f MiB resident, %.0f MiB of live heap.%n"
                        .formatted(relay.rssMb, relay.heapUsedMb));
        return out.toString();
    }
}
