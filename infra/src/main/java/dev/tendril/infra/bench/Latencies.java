package dev.tendril.infra.bench;

import java.util.Arrays;
import java.util.List;

/// Measured spans.
///
/// @param micros sorted
record Latencies(long[] micros) {

    static Latencies of(long[] unsorted) {
        long[] sorted = unsorted.clone();
        Arrays.sort(sorted);
        return new Latencies(sorted);
    }

    /// Those of several measurements.
    static Latencies all(List<Latencies> several) {
        return of(several.stream().flatMapToLong(one -> Arrays.stream(one.micros)).toArray());
    }

    /// The span that `percent` of all are no longer than, in milliseconds; NaN if there is none.
    double millis(double percent) {
        if (micros.length == 0) {
            return Double.NaN;
        }
        int at = (int) Math.ceil(percent / 100 * micros.length) - 1;
        return micros[Math.clamp(at, 0, micros.length - 1)] / 1000.0;
    }
}
