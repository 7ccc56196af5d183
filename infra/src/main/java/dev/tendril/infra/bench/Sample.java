package dev.tendril.infra.bench;

import dev.tendril.infra.stub.StubAnswer;
import java.util.ArrayList;
import java.util.List;

/// What one reader measured of one answer.
///
/// @param deltaMicros from each delta's stamp to the moment when all of it was here
/// @param firstMicros from the question's sending to the first delta
record Sample(long[] deltaMicros, long firstMicros) {

    /// Takes text as it comes and the time of its coming. Stamps may be cut anywhere.
    static final class Recorder {
        private final StringBuilder text = new StringBuilder();
        private final List<Long> ends = new ArrayList<>();
        private final List<Long> times = new ArrayList<>();
        private final long askedMicros;
        private long firstMicros = -1;

        Recorder(long askedMicros) {
            this.askedMicros = askedMicros;
        }

        void text(String piece, long atMicros) {
            if (firstMicros < 0) {
                firstMicros = atMicros - askedMicros;
            }
            text.append(piece);
            ends.add((long) text.length());
            times.add(atMicros);
        }

        /// @throws IllegalStateException if a delta is missing or out of order
        Sample sample(int deltas) {
            List<StubAnswer.Stamp> stamps = StubAnswer.stamps(text.toString());
            if (stamps.size() != deltas) {
                throw new IllegalStateException(stamps.size() + " deltas instead of " + deltas);
            }
            var latencies = new long[deltas];
            int piece = 0;
            for (int i = 0; i < deltas; i++) {
                StubAnswer.Stamp stamp = stamps.get(i);
                if (stamp.index() != i) {
                    throw new IllegalStateException("delta " + stamp.index() + " in place " + i);
                }
                while (ends.get(piece) < stamp.end()) {
                    piece++;
                }
                latencies[i] = times.get(piece) - stamp.epochMicros();
            }
            return new Sample(latencies, firstMicros);
        }
    }
}
