package dev.tendril.service.run;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The states of docs/states.md in memory: what the queue should do, told once more without a
/// database. Each call answers what the real one should answer: `ok`, `ok <seq>`, `duplicate <seq>`
/// or a problem's code.
final class QueueModel {

    static final String LEASE_LOST = "lease_lost";
    static final String INVALID = "invalid_request";

    private final Map<Integer, Stream> streams = new TreeMap<>();
    private final Map<Long, Turn> turns = new TreeMap<>();

    void post(int chat, long id) {
        Stream stream = streams.computeIfAbsent(chat, _ -> new Stream());
        Turn turn = new Turn(id, stream);
        turn.ordinal = stream.turns.stream().mapToLong(t -> t.ordinal).max().orElse(0) + 1;
        boolean busy = stream.turns.stream().anyMatch(Turn::live);
        turn.state = busy ? "waiting" : "ready";
        stream.turns.add(turn);
        turns.put(id, turn);
        turn.acceptedSeq = stream.append(turn, null, null, "message", 1);
        turn.firstSeq = busy ? null : (Long) turn.acceptedSeq;
    }

    /// How many runs a claim may take now.
    long ready() {
        return turns.values().stream().filter(t -> t.state.equals("ready")).count();
    }

    /// Runs that this key holds.
    List<Long> heldBy(UUID key) {
        return turns.values().stream()
                .filter(t -> t.state.equals("running") && key.equals(t.key))
                .map(t -> t.id)
                .toList();
    }

    /// The real queue has chosen this run.
    void claimed(long id, UUID key, UUID token) {
        Turn turn = turn(id);
        if (!turn.state.equals("ready")) {
            throw new AssertionError("claimed while " + turn.state + ": " + id);
        }
        turn.state = "running";
        turn.attempt++;
        turn.fence++;
        turn.token = token;
        turn.key = key;
        turn.accepted = false;
        turn.nextBatch = 1;
        turn.overdue &= turn.everClaimed;
        turn.everClaimed = true;
    }

    /// Whether the next batch must begin with `start`.
    boolean opened(long id) {
        return turn(id).opened;
    }

    int nextBatch(long id) {
        return turn(id).nextBatch;
    }

    int step(long id) {
        return turn(id).step;
    }

    /// @param part that the batch opens; null when it has no frames
    /// @param frames of the batch
    /// @param step of the checkpoint; 0 for none
    String append(
            long id,
            UUID token,
            int batch,
            boolean start,
            @Nullable String part,
            int frames,
            int step) {
        Turn turn = turn(id);
        if (batch < 1) {
            return INVALID;
        }
        boolean fits =
                turn.heldBy(token)
                        && batch == turn.nextBatch
                        && (frames == 0 || turn.opened == !start);
        if (!fits) {
            return refused(turn, token, batch, false);
        }
        if (step != 0 && step != turn.step + 1) {
            return INVALID;
        }
        turn.nextBatch++;
        turn.renewed();
        turn.opened |= start;
        if (frames > 0) {
            turn.stream.append(turn, turn.fence, batch, "frames", frames);
        }
        if (part != null) {
            turn.parts.put(part, new Part(turn.stream.lastSeq, true));
        }
        if (step != 0) {
            turn.step = step;
            turn.settledSeq = turn.stream.lastSeq;
        }
        return "ok " + turn.stream.lastSeq;
    }

    String complete(long id, UUID token, int batch, boolean start, int frames) {
        Turn turn = turn(id);
        if (!turn.heldBy(token) || batch != turn.nextBatch || turn.opened == start) {
            return refused(turn, token, batch, true);
        }
        turn.endedToken = token;
        turn.end("done", batch, frames);
        return "ok " + turn.stream.turnEnd;
    }

    String fail(long id, UUID token) {
        Turn turn = turn(id);
        if (!turn.heldBy(token)) {
            return token.equals(turn.endedToken) && turn.state.equals("failed") ? "ok" : LEASE_LOST;
        }
        turn.endedToken = token;
        turn.end("failed", null, turn.closing() + 2);
        return "ok";
    }

    String release(long id, UUID token) {
        Turn turn = turn(id);
        if (!turn.heldBy(token)) {
            return token.equals(turn.endedToken) && turn.live() ? "ok" : LEASE_LOST;
        }
        turn.endedToken = token;
        turn.ready(Math.max(turn.attempt - 1, 0));
        return "ok";
    }

    String heartbeat(long id, UUID token) {
        Turn turn = turn(id);
        if (!turn.heldBy(token)) {
            return LEASE_LOST;
        }
        turn.renewed();
        return "ok";
    }

    String foreign(long id, UUID token) {
        Turn turn = turn(id);
        return turn.state.equals("done") && token.equals(turn.endedToken)
                ? "duplicate " + turn.doneSeq
                : LEASE_LOST;
    }

    int stop(int chat) {
        int stopped = 0;
        for (Turn turn : inOrder(chat)) {
            if (turn.live()) {
                turn.fence++;
                turn.end("cancelled", null, turn.closing() + 1);
                stopped++;
            }
        }
        return stopped;
    }

    String retry(int chat) {
        List<Turn> all = inOrder(chat);
        if (all.isEmpty()) {
            return "conflict";
        }
        Turn last = all.getLast();
        if (!last.state.equals("failed") && !last.state.equals("cancelled")) {
            return "conflict";
        }
        last.state = "ready";
        last.ordinal++;
        last.attempt = 0;
        last.fence++;
        last.nextBatch = 1;
        last.opened = false;
        last.acceptedSeq = last.stream.lastSeq;
        last.firstSeq = last.stream.lastSeq;
        last.settledSeq = null;
        last.endedToken = null;
        last.accepted = false;
        last.everClaimed = false;
        last.step = 0;
        last.parts.clear();
        return "ok";
    }

    /// The chat's head that is ready or running.
    @Nullable Long head(int chat) {
        return inOrder(chat).stream()
                .filter(t -> t.state.equals("ready") || t.state.equals("running"))
                .map(t -> t.id)
                .findFirst()
                .orElse(null);
    }

    /// A head that nobody has touched becomes waiting again.
    ///
    /// @return false when there is none
    boolean strand(int chat) {
        Long head = head(chat);
        if (head == null || !turn(head).state.equals("ready") || turn(head).everClaimed) {
            return false;
        }
        turn(head).state = "waiting";
        turn(head).overdue = false;
        return true;
    }

    boolean everClaimed(long id) {
        return turn(id).everClaimed;
    }

    void expire(long id, UUID token) {
        turn(id).expired |= turn(id).heldBy(token);
    }

    void overdue(long id) {
        turn(id).overdue = true;
    }

    void reap() {
        for (Turn turn : turns.values()) {
            boolean head = turn.state.equals("ready") || turn.state.equals("running");
            if (head && turn.overdue) {
                turn.fence++;
                turn.end("failed", null, turn.closing() + 2);
            }
            if (turn.state.equals("running") && turn.expired) {
                if (turn.accepted && turn.attempt >= 3) {
                    turn.fence++;
                    turn.end("failed", null, turn.closing() + 2);
                } else {
                    turn.ready(turn.accepted ? turn.attempt : turn.attempt - 1);
                }
            }
        }
        streams.values().forEach(stream -> stream.promote(stream.lastSeq));
    }

    /// Rows of `run`, as the test's query tells them.
    List<String> runs() {
        return turns.values().stream().map(Turn::toString).toList();
    }

    /// Rows of `event`, those of a chat together.
    List<String> events() {
        return streams.values().stream().flatMap(stream -> stream.events.stream()).toList();
    }

    private List<Turn> inOrder(int chat) {
        Stream stream = streams.get(chat);
        return stream == null
                ? List.of()
                : stream.turns.stream().sorted(Comparator.comparingLong(t -> t.ordinal)).toList();
    }

    /// @param last the batch was to end the turn: of a running one it is no repetition
    private String refused(Turn turn, UUID token, int batch, boolean last) {
        if (turn.state.equals("done") && token.equals(turn.endedToken) && batch <= turn.nextBatch) {
            return "duplicate " + turn.doneSeq;
        }
        if (!turn.heldBy(token)) {
            return LEASE_LOST;
        }
        if (batch < turn.nextBatch && !last) {
            turn.renewed();
            Long seq = turn.stream.batches.get(turn.id + "/" + turn.fence + "/" + batch);
            return "duplicate " + (seq == null ? turn.startSeq() : seq);
        }
        return batch != turn.nextBatch ? "batch_gap" : INVALID;
    }

    private Turn turn(long id) {
        Turn turn = turns.get(id);
        if (turn == null) {
            throw new AssertionError("unknown to the model: " + id);
        }
        return turn;
    }

    private record Part(long seq, boolean open) {}

    private static final class Stream {
        private final List<Turn> turns = new ArrayList<>();
        private final List<String> events = new ArrayList<>();
        private final Map<String, Long> batches = new LinkedHashMap<>();
        private long lastSeq;
        private long turnEnd;

        long append(
                Turn turn, @Nullable Long fence, @Nullable Integer batch, String kind, int frames) {
            long first = lastSeq + 1;
            lastSeq += frames;
            events.add(
                    "%d..%d run %d fence %s batch %s %s"
                            .formatted(first, lastSeq, turn.id, fence, batch, kind));
            if (batch != null) {
                batches.put(turn.id + "/" + fence + "/" + batch, lastSeq);
            }
            return lastSeq;
        }

        void promote(long seq) {
            if (turns.stream()
                    .noneMatch(t -> t.state.equals("ready") || t.state.equals("running"))) {
                turns.stream()
                        .filter(t -> t.state.equals("waiting"))
                        .min(Comparator.comparingLong(t -> t.ordinal))
                        .ifPresent(next -> {
                            next.state = "ready";
                            next.firstSeq = seq;
                        });
            }
        }
    }

    private static final class Turn {
        private final long id;
        private final Stream stream;
        private final Map<String, Part> parts = new LinkedHashMap<>();
        private String state = "waiting";
        private long ordinal;
        private int attempt;
        private long fence;
        private int nextBatch = 1;
        private int step;
        private boolean opened;
        private boolean accepted;
        private boolean everClaimed;
        private boolean expired;
        private boolean overdue;
        private long acceptedSeq;
        private @Nullable Long firstSeq;
        private @Nullable Long settledSeq;
        private long doneSeq;
        private @Nullable UUID token;
        private @Nullable UUID endedToken;
        private @Nullable UUID key;

        Turn(long id, Stream stream) {
            this.id = id;
            this.stream = stream;
        }

        boolean live() {
            return state.equals("waiting") || state.equals("ready") || state.equals("running");
        }

        boolean heldBy(UUID given) {
            return state.equals("running") && given.equals(token);
        }

        long startSeq() {
            return firstSeq == null ? acceptedSeq : firstSeq;
        }

        void renewed() {
            accepted = true;
            expired = false;
        }

        /// How many frames close what is open.
        int closing() {
            return (opened ? 0 : 1) + open();
        }

        void end(String how, @Nullable Integer batch, int frames) {
            long seq = stream.append(this, fence, batch, how, frames);
            state = how;
            token = null;
            step = 0;
            expired = false;
            overdue = false;
            doneSeq = seq;
            stream.turnEnd = seq;
            stream.promote(seq);
        }

        /// Takes the run from its worker; what was written since the last checkpoint is superseded.
        void ready(int attempts) {
            state = "ready";
            attempt = attempts;
            fence++;
            token = null;
            key = null;
            accepted = false;
            expired = false;
            long settled = Math.max(settledSeq == null ? 0 : settledSeq, startSeq());
            int open = open();
            boolean gone = parts.values().removeIf(part -> part.seq > settled);
            parts.replaceAll((_, part) -> new Part(part.seq, false));
            int frames = open + (gone ? 1 : 0);
            if (frames > 0) {
                settledSeq = stream.append(this, fence, null, "reset", frames);
            }
        }

        private int open() {
            return (int) parts.values().stream().filter(Part::open).count();
        }

        @Override
        public String toString() {
            return "run %d %s ordinal %d attempt %d fence %d next %d step %d opened %b accepted %b seqs %d %s %s token %s ended %s"
                    .formatted(
                            id,
                            state,
                            ordinal,
                            attempt,
                            fence,
                            nextBatch,
                            step,
                            opened,
                            accepted,
                            acceptedSeq,
                            firstSeq,
                            settledSeq,
                            token,
                            endedToken);
        }
    }
}
