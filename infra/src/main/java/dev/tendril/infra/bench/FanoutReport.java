package dev.tendril.infra.bench;

import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// The figures of `bench fanout`. Times in milliseconds, memory in KiB per stream.
///
/// @param machine cores, memory, Java
/// @param fsync of the disk under the database, before everything else
/// @param idle POST to stream, one message after the other
/// @param busy POST to stream, at `perSecond` messages per second
/// @param perSecond that many
/// @param posts per second, as many as go
/// @param fanOut one message to all readers of one chat, to the last of them
/// @param streams memory of open idle streams
@Serdeable
record FanoutReport(
        String machine,
        QueueReport.Span fsync,
        Pair idle,
        Pair busy,
        int perSecond,
        Posts posts,
        FanOut fanOut,
        List<Streams> streams) {
    /// Copies the streams.
    FanoutReport {
        streams = List.copyOf(streams);
    }

    /// @param memory the relay in memory
    /// @param ratioP50 ours to its
    @Serdeable
    record Pair(QueueReport.Span ours, QueueReport.Span memory, double ratioP50, double ratioP99) {
        static Pair of(Latencies ours, Latencies memory) {
            var mine = QueueReport.Span.of(ours);
            var theirs = QueueReport.Span.of(memory);
            return new Pair(mine, theirs, mine.p50() / theirs.p50(), mine.p99() / theirs.p99());
        }
    }

    /// @param clients that post at once
    @Serdeable
    record Posts(int clients, double ours, double memory) {}

    /// @param readers of the chat
    @Serdeable
    record FanOut(int readers, QueueReport.Span ours, QueueReport.Span memory) {}

    /// @param open how many
    /// @param broken ended by themselves while they were watched
    /// @param heapKib live heap, after a full collection
    /// @param rssKib resident memory
    /// @param laterHeapKib live heap some seconds later
    @Serdeable
    record Streams(int open, int broken, double heapKib, double rssKib, double laterHeapKib) {}

    /// For people.
    String table() {
        var out = new StringBuilder();
        out.append(machine).append('\n');
        out.append(
                "fsync of 8 KiB: p50 %.2f ms, p99 %.2f ms. Tendril's messages are durable, the in-memory relay's are not kept.%n%n"
                        .formatted(fsync.p50(), fsync.p99()));
        out.append("                             Tendril         in-memory          ratio\n");
        out.append("POST to stream, ms          p50    p99      p50    p99     p50    p99\n");
        row(out, "idle", idle);
        row(out, "at " + perSecond + " per second", busy);
        out.append(
                "%nPOSTs per second, %d clients: %.0f (in-memory %.0f).%n"
                        .formatted(posts.clients, posts.ours, posts.memory));
        out.append(
                "One message to %d readers, to the last: p50 %.1f ms, p99 %.1f ms (in-memory %.1f, %.1f).%n%n"
                        .formatted(
                                fanOut.readers,
                                fanOut.ours.p50(),
                                fanOut.ours.p99(),
                                fanOut.memory.p50(),
                                fanOut.memory.p99()));
        for (Streams open : streams) {
            out.append(
                    "%6d idle streams: %5.1f KiB of live heap each, %5.1f KiB resident; %5.1f KiB of heap later; %d broken%n"
                            .formatted(
                                    open.open,
                                    open.heapKib,
                                    open.rssKib,
                                    open.laterHeapKib,
                                    open.broken));
        }
        return out.toString();
    }

    private static void row(StringBuilder out, String name, Pair pair) {
        out.append(
                "  %-21s %7.1f %6.1f  %7.1f %6.1f  %6.2f %6.2f%n"
                        .formatted(
                                name,
                                pair.ours.p50(),
                                pair.ours.p99(),
                                pair.memory.p50(),
                                pair.memory.p99(),
                                pair.ratioP50,
                                pair.ratioP99));
    }
}
