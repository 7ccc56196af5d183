package dev.tendril.infra.bench;

import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// The figures of `bench queue`. Times in milliseconds.
///
/// @param machine cores, memory, Java
/// @param fsync of the disk under the database, before everything else
/// @param rows one for each number of claimers
/// @param wakeUp from the sending of a visitor's message to a parked worker's having its run: more
///   than from the commit to there
@Serdeable
record QueueReport(String machine, Span fsync, List<Row> rows, Span wakeUp) {
    /// Copies the rows.
    QueueReport {
        rows = List.copyOf(rows);
    }

    /// @param claimers at once
    /// @param stores runs claimed and completed per second, called without HTTP
    /// @param http the same over HTTP
    /// @param graphile jobs claimed and completed per second by graphile-worker, unbatched
    /// @param ratio `stores` to `graphile`
    /// @param httpRatio `http` to `graphile`
    @Serdeable
    record Row(
            int claimers,
            double stores,
            double http,
            double graphile,
            double ratio,
            double httpRatio) {}

    @Serdeable
    record Span(double p50, double p99) {
        static Span of(Latencies latencies) {
            return new Span(latencies.millis(50), latencies.millis(99));
        }
    }

    /// For people.
    String table() {
        var out = new StringBuilder();
        out.append(machine).append('\n');
        out.append(
                "fsync of 8 KiB: p50 %.2f ms, p99 %.2f ms. One claim and one completion per run, each durable.%n%n"
                        .formatted(fsync.p50, fsync.p99));
        out.append("              runs per second                    ratio to graphile-worker\n");
        out.append(" claimers    stores      HTTP  graphile-worker       stores      HTTP\n");
        for (Row row : rows) {
            out.append(
                    "%9d %9.0f %9.0f        %9.0f    %9.2f %9.2f%n"
                            .formatted(
                                    row.claimers,
                                    row.stores,
                                    row.http,
                                    row.graphile,
                                    row.ratio,
                                    row.httpRatio));
        }
        out.append(
                "%nMessage sent to parked worker having it: p50 %.1f ms, p99 %.1f ms.%n"
                        .formatted(wakeUp.p50, wakeUp.p99));
        return out.toString();
    }
}
