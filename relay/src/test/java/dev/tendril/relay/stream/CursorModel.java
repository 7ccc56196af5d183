package dev.tendril.relay.stream;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One chat's log in memory, as docs/protocol.md tells it. A frame is its type, a piece of text its
/// type and the text.
final class CursorModel {

    static final int REFUSED = -1;
    static final int NOTHING = -2;

    private static final int LIVE_TURNS = 4;

    private final List<String> log = new ArrayList<>();
    private final List<Turn> live = new ArrayList<>();
    private final List<Integer> openText = new ArrayList<>();
    private int retainedFrom = 1;
    private int lastEnd;
    private boolean retryable;
    private int texts;

    /// The frames after `seq`.
    List<String> after(int seq) {
        return List.copyOf(log.subList(seq, log.size()));
    }

    int lastSeq() {
        return log.size();
    }

    int retainedFrom() {
        return retainedFrom;
    }

    boolean full() {
        return live.size() >= LIVE_TURNS;
    }

    void post() {
        log.add("data-relay-message");
        live.add(new Turn(log.size()));
        retryable = false;
    }

    boolean claimable() {
        return !live.isEmpty() && !live.getFirst().claimed;
    }

    void claim() {
        live.getFirst().claimed = true;
    }

    /// The turn that a worker holds.
    boolean held() {
        return !live.isEmpty() && live.getFirst().claimed;
    }

    boolean opened() {
        return live.getFirst().opened;
    }

    int nextBatch() {
        return live.getFirst().nextBatch;
    }

    /// The number of the next text part.
    int nextText() {
        return texts + 1;
    }

    void write(List<String> pieces) {
        Turn head = live.getFirst();
        if (!head.opened) {
            log.add("start");
            head.opened = true;
        }
        log.add("text-start");
        openText.add(++texts);
        pieces.forEach(piece -> log.add("text-delta " + piece));
        head.nextBatch++;
    }

    void complete() {
        if (!opened()) {
            log.add("start");
        }
        end("finish");
        retryable = false;
    }

    void fail() {
        close();
        log.add("data-relay-failure");
        end("error");
        retryable = live.isEmpty();
    }

    int stop() {
        int stopped = live.size();
        while (!live.isEmpty()) {
            close();
            end("abort");
            retryable = true;
        }
        return stopped;
    }

    boolean retry() {
        if (!retryable || !live.isEmpty()) {
            return false;
        }
        live.add(new Turn(log.size()));
        retryable = false;
        return true;
    }

    /// @return the last seq that is gone; 0 when nothing goes
    int forget() {
        int gone = lastEnd;
        if (gone < retainedFrom) {
            return 0;
        }
        retainedFrom = gone + 1;
        return gone;
    }

    /// Where a reader with this cursor begins: a seq, [#REFUSED], or [#NOTHING] in an idle chat.
    ///
    /// @param seq null for none
    int begin(@Nullable Integer seq) {
        if (seq == null) {
            return live.isEmpty() ? NOTHING : live.getFirst().start;
        }
        return seq > log.size() || seq < retainedFrom - 1 ? REFUSED : seq;
    }

    private void close() {
        if (!opened()) {
            log.add("start");
        }
        openText.forEach(_ -> log.add("text-end"));
    }

    private void end(String terminal) {
        log.add(terminal);
        live.removeFirst();
        openText.clear();
        lastEnd = log.size();
        if (!live.isEmpty()) {
            live.getFirst().start = log.size();
        }
    }

    private static final class Turn {
        private int start;
        private int nextBatch = 1;
        private boolean claimed;
        private boolean opened;

        Turn(int start) {
            this.start = start;
        }
    }
}
