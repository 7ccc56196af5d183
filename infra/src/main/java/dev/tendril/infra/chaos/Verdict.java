package dev.tendril.infra.chaos;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.ledger.Invariant;
import dev.tendril.infra.ledger.LedgerStore;
import dev.tendril.infra.ledger.StoredEvent;
import dev.tendril.infra.ledger.StoredRun;
import dev.tendril.infra.ledger.Violation;
import dev.tendril.infra.visitor.Answer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Compares what is stored with what visitors saw and what workers were told.
final class Verdict {
    private final List<SeenChat> chats;
    private final WorkerRecord workers;
    private final List<StoredEvent> events;
    private final Map<Long, StoredRun> runs = new HashMap<>();
    private final Map<UUID, List<StoredRun>> runsOf = new HashMap<>();
    private final Map<UUID, List<Frame>> framesOf = new HashMap<>();
    private final List<Violation> found;

    private Verdict(LedgerStore ledger, Collection<SeenChat> chats, WorkerRecord workers)
            throws Exception {
        this.chats = List.copyOf(chats);
        this.workers = workers;
        this.events = ledger.events();
        for (StoredRun run : ledger.runs()) {
            runs.put(run.id(), run);
            runsOf.computeIfAbsent(run.streamId(), _ -> new ArrayList<>()).add(run);
        }
        for (StoredEvent event : events) {
            framesOf.computeIfAbsent(event.streamId(), _ -> new ArrayList<>())
                    .addAll(event.frames());
        }
        this.found = new ArrayList<>(ledger.findings());
    }

    /// Every violation; none is what everybody wants. Nothing may be under way.
    static List<Violation> of(LedgerStore ledger, Collection<SeenChat> chats, WorkerRecord workers)
            throws Exception {
        var verdict = new Verdict(ledger, chats, workers);
        verdict.chats.forEach(verdict::visitor);
        verdict.leases();
        verdict.acknowledged();
        verdict.duplicates();
        return verdict.found;
    }

    private void breaks(Invariant invariant, String what) {
        found.add(new Violation(invariant, what));
    }

    private void visitor(SeenChat chat) {
        found.addAll(chat.troubles());
        Map<String, List<StoredRun>> byMessage = new HashMap<>();
        for (StoredRun run : runsOf.getOrDefault(chat.id(), List.of())) {
            byMessage.computeIfAbsent(run.messageId(), _ -> new ArrayList<>()).add(run);
        }
        Map<String, String> answers = new HashMap<>();
        for (Accepted accepted : chat.acknowledged()) {
            if (!byMessage.containsKey(accepted.messageId())) {
                breaks(
                        Invariant.I1,
                        "message %s of chat %s was acknowledged and has no run"
                                .formatted(accepted.messageId(), chat.id()));
            }
            String first = answers.putIfAbsent(accepted.messageId(), accepted.answerId());
            if (first != null && !first.equals(accepted.answerId()) && chat.retries() == 0) {
                breaks(
                        Invariant.I2B,
                        "message %s was acknowledged with two answers"
                                .formatted(accepted.messageId()));
            }
        }
        byMessage.forEach((message, of) -> {
            if (of.size() > 1) {
                breaks(Invariant.I2B, "message %s has %d runs".formatted(message, of.size()));
            }
        });
        seen(chat);
        answers(chat);
    }

    /// I9, I9b: each frame that was seen is stored as it was, each that is stored was seen.
    private void seen(SeenChat chat) {
        List<Frame> stored = framesOf.getOrDefault(chat.id(), List.of());
        for (int i = 0; i < chat.frames().size(); i++) {
            if (i >= stored.size()) {
                breaks(
                        Invariant.I9,
                        "chat %s: a visitor saw %d frames, %d are stored"
                                .formatted(chat.id(), chat.frames().size(), stored.size()));
                return;
            }
            if (!chat.frames().get(i).frame().equals(stored.get(i))) {
                breaks(
                        Invariant.I9,
                        "chat %s, frame %d: seen %s, stored %s"
                                .formatted(
                                        chat.id(),
                                        i + 1,
                                        chat.frames().get(i).frame(),
                                        stored.get(i)));
                return;
            }
        }
        if (stored.size() > chat.frames().size()) {
            breaks(
                    Invariant.I9B,
                    "chat %s: %d frames are stored, its visitor saw %d"
                            .formatted(chat.id(), stored.size(), chat.frames().size()));
        }
    }

    /// I2, I4, I6 as a visitor sees them.
    private void answers(SeenChat chat) {
        Map<String, List<Answer.SeenFrame>> byAnswer = new HashMap<>();
        List<String> finished = new ArrayList<>();
        String current = "";
        for (Answer.SeenFrame seen : chat.frames()) {
            if (seen.frame() instanceof Frame.Start start) {
                current = start.messageId();
            }
            if (!(seen.frame() instanceof Frame.RelayMessage)) {
                byAnswer.computeIfAbsent(current, _ -> new ArrayList<>()).add(seen);
            }
            if (seen.frame() instanceof Frame.Finish) {
                finished.add(current);
            }
        }
        Set<String> once = new HashSet<>();
        for (String answer : finished) {
            if (!once.add(answer)) {
                breaks(Invariant.I2, "a visitor saw answer " + answer + " finish twice");
            }
        }
        List<String> order = new ArrayList<>();
        for (StoredRun run :
                runsOf.getOrDefault(chat.id(), List.of()).stream()
                        .sorted(Comparator.comparingLong(StoredRun::ordinal))
                        .toList()) {
            if (!run.state().equals("done")) {
                continue;
            }
            order.add(run.answerId());
            String question = chat.texts().get(run.messageId());
            List<Answer.SeenFrame> frames = byAnswer.getOrDefault(run.answerId(), List.of());
            if (question == null || frames.isEmpty()) {
                continue;
            }
            String text = Answer.said(frames);
            String wrong = ExpectedAnswer.wrong(question, text, chat.texts().values());
            if (wrong != null) {
                breaks(
                        Invariant.I6,
                        "run %d of chat %s: the answer that a visitor saw %s"
                                .formatted(run.id(), chat.id(), wrong));
            }
        }
        finished.retainAll(new HashSet<>(order));
        order.retainAll(new HashSet<>(finished));
        if (!finished.stream().distinct().toList().equals(order)) {
            breaks(
                    Invariant.I4,
                    "chat %s: answers finished as %s, asked as %s"
                            .formatted(chat.id(), finished, order));
        }
    }

    /// I5 by what workers were told: fences rise, and an older lease is refused once a newer one
    /// was given.
    private void leases() {
        Map<Long, List<WorkerRecord.Claimed>> claims = new HashMap<>();
        Set<UUID> tokens = new HashSet<>();
        workers.claims().stream()
                .sorted(Comparator.comparingLong(WorkerRecord.Claimed::atNanos))
                .filter(c -> tokens.add(c.token()))
                .forEach(c -> claims.computeIfAbsent(c.runId(), _ -> new ArrayList<>()).add(c));
        claims.forEach((run, given) -> {
            for (int i = 1; i < given.size(); i++) {
                // A lost answer may be the older claim and pass later: then fences still differ.
                if (given.get(i).fence() == given.get(i - 1).fence()) {
                    breaks(
                            Invariant.I5,
                            "run %d was given twice under fence %d"
                                    .formatted(run, given.get(i).fence()));
                }
            }
        });
        for (WorkerRecord.Write write : workers.writes()) {
            if (!write.accepted() || write.duplicate()) {
                continue;
            }
            List<WorkerRecord.Claimed> given = claims.getOrDefault(write.runId(), List.of());
            long own =
                    given.stream()
                            .filter(c -> c.token().equals(write.token()))
                            .mapToLong(WorkerRecord.Claimed::fence)
                            .findFirst()
                            .orElse(Long.MAX_VALUE);
            for (WorkerRecord.Claimed newer : given) {
                if (newer.fence() > own
                        && newer.atNanos() < write.sentNanos()
                        && !repeatedEnd(write)) {
                    breaks(
                            Invariant.I5,
                            "run %d: %s under fence %d was accepted after fence %d had been given"
                                    .formatted(write.runId(), write.call(), own, newer.fence()));
                    break;
                }
            }
        }
    }

    /// A `fail` or `release` that ended this very lease is answered again as then.
    private boolean repeatedEnd(WorkerRecord.Write write) {
        return Set.of("fail", "release").contains(write.call())
                && workers.writes().stream()
                        .anyMatch(w ->
                                w != write
                                        && w.call().equals(write.call())
                                        && w.token().equals(write.token())
                                        && w.sentNanos() < write.sentNanos());
    }

    /// A repetition is acknowledged only if what it repeats was stored.
    private void duplicates() {
        Set<String> stored = new HashSet<>();
        Set<String> unknown = new HashSet<>();
        for (WorkerRecord.Write write : workers.writes()) {
            String key = write.token() + "/" + write.batch();
            if (write.status() == 200 && !write.duplicate()) {
                stored.add(key);
            } else if (write.status() == 0 || write.status() >= 500) {
                unknown.add(key);
            }
        }
        for (WorkerRecord.Write write : workers.writes()) {
            String key = write.token() + "/" + write.batch();
            if (write.batch() > 0
                    && write.duplicate()
                    && !stored.contains(key)
                    && !unknown.contains(key)
                    && storedFrames(write) == null) {
                breaks(
                        Invariant.I7,
                        "run %d: batch %d (%s) was called a repetition and is not stored"
                                .formatted(write.runId(), write.batch(), write.call()));
            }
        }
    }

    private @Nullable StoredEvent storedFrames(WorkerRecord.Write write) {
        return events.stream()
                .filter(e ->
                        e.runId() != null
                                && e.runId() == write.runId()
                                && e.frames().equals(write.frames()))
                .findFirst()
                .orElse(null);
    }

    /// I6 and I7: what was acknowledged to workers is stored, once, as they sent it.
    private void acknowledged() {
        Map<Long, List<StoredEvent>> byRun = new HashMap<>();
        for (StoredEvent event : events) {
            if (event.runId() != null) {
                byRun.computeIfAbsent(event.runId(), _ -> new ArrayList<>()).add(event);
            }
        }
        Set<String> batches = new HashSet<>();
        for (WorkerRecord.Write write : workers.writes()) {
            if (!write.accepted() || write.batch() == 0) {
                continue;
            }
            String batch = write.runId() + "/" + write.token() + "/" + write.batch();
            if (!write.duplicate() && !batches.add(batch)) {
                breaks(Invariant.I6, "batch %s was stored twice".formatted(batch));
            }
            StoredRun run = runs.get(write.runId());
            boolean end = write.call().equals("complete");
            if (end
                    && (run == null
                            || !run.state().equals("done")
                            || !write.token().equals(run.endedToken()))) {
                breaks(
                        Invariant.I7,
                        "run %d: its completion under %s was acknowledged, the run is %s under %s"
                                .formatted(
                                        write.runId(),
                                        write.token(),
                                        run == null ? "gone" : run.state(),
                                        run == null ? "nothing" : run.endedToken()));
            }
            if (write.frames().isEmpty() || write.duplicate()) {
                continue;
            }
            boolean stored =
                    byRun.getOrDefault(write.runId(), List.of()).stream()
                            .anyMatch(e ->
                                    e.lastSeq() == write.lastSeq()
                                            && e.frames().equals(write.frames()));
            if (!stored) {
                breaks(
                        Invariant.I7,
                        "run %d: batch %d was acknowledged at %d and is not stored there"
                                .formatted(write.runId(), write.batch(), write.lastSeq()));
            }
        }
    }
}
