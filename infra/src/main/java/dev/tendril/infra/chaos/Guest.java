package dev.tendril.infra.chaos;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.chat.RunStatus;
import dev.tendril.contract.frame.Frame;
import dev.tendril.infra.ledger.Invariant;
import dev.tendril.infra.ledger.Violation;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Cursor;
import dev.tendril.infra.visitor.StreamViolation;
import dev.tendril.infra.visitor.UnexpectedAnswer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// A visitor with a will of its own: opens chats, posts, reads, stops, tries again, opens a second
/// tab, comes back through whichever relay, and remembers exactly what it saw. One thread.
final class Guest {
    private static final Set<String> LIVE = Set.of("waiting", "ready", "running");
    private static final int MOST_CHATS = 4;
    private static final int MOST_MESSAGES = 40;
    private static final Duration PATIENCE = Duration.ofSeconds(6);

    private final String name;
    private final Visitor visitor;
    private final List<URI> fronts;
    private final Random random;
    private final ChaosLog log;
    private final BooleanSupplier over;
    private final long deadlineNanos;
    private final List<SeenChat> chats = new ArrayList<>();

    /// @param over when it begins nothing new
    /// @param deadlineNanos when it has waited long enough for what it began
    Guest(
            int number,
            Visitor visitor,
            List<URI> fronts,
            long seed,
            ChaosLog log,
            BooleanSupplier over,
            long deadlineNanos) {
        this.name = "visitor-" + number;
        this.visitor = visitor.patient(PATIENCE);
        this.fronts = fronts;
        this.random = new Random(seed * 31 + number);
        this.log = log;
        this.over = over;
        this.deadlineNanos = deadlineNanos;
    }

    /// What it saw, when its thread has ended.
    List<SeenChat> chats() {
        return chats;
    }

    /// Says something in a new chat, before [#run].
    void begin() throws InterruptedException {
        SeenChat chat = null;
        while (chat == null && System.nanoTime() < deadlineNanos) {
            chat = choose();
        }
        if (chat != null) {
            post(chat);
        }
    }

    /// Talks until it is over, then reads everything to its end.
    void run() throws InterruptedException {
        while (!over.getAsBoolean()) {
            SeenChat chat = choose();
            if (chat == null) {
                continue;
            }
            try {
                talk(chat);
            } catch (StreamViolation e) {
                trouble(chat, Invariant.I8, String.valueOf(e.getMessage()));
            }
            TimeUnit.MILLISECONDS.sleep(random.nextInt(300));
        }
        for (SeenChat chat : chats) {
            if (chat.troubles().isEmpty()) {
                try {
                    follow(chat, 0);
                    again(chat, Cursor.START.toString(), true);
                } catch (StreamViolation e) {
                    trouble(chat, Invariant.I8, String.valueOf(e.getMessage()));
                }
            }
        }
    }

    private void trouble(SeenChat chat, Invariant invariant, String what) {
        chat.troubles().add(new Violation(invariant, name + ", chat " + chat.id() + ": " + what));
        log.op(
                "trouble",
                "who",
                name,
                "chat",
                chat.id(),
                "breaks",
                invariant.label(),
                "what",
                what);
    }

    private @Nullable SeenChat choose() throws InterruptedException {
        List<SeenChat> open =
                chats.stream()
                        .filter(c -> c.texts().size() < MOST_MESSAGES && c.troubles().isEmpty())
                        .toList();
        if (open.isEmpty() || chats.size() < MOST_CHATS && random.nextInt(4) == 0) {
            try {
                // Not repeated: a chat that was opened and not told of stays empty for ever.
                var chat = new SeenChat(visitor.at(front()).openChat());
                log.op("chat", "who", name, "chat", chat.id());
                chats.add(chat);
                return chat;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50);
                return null;
            }
        }
        return open.get(random.nextInt(open.size()));
    }

    private void talk(SeenChat chat) throws InterruptedException {
        int messages = random.nextInt(5) == 0 ? 2 + random.nextInt(2) : 1;
        for (int i = 0; i < messages; i++) {
            post(chat);
        }
        int stopAfter = random.nextInt(8) == 0 ? 1 + random.nextInt(6) : 0;
        follow(chat, stopAfter);
        if (random.nextInt(3) == 0) {
            retryIfEnded(chat);
        }
        if (random.nextInt(4) == 0 && !chat.frames().isEmpty()) {
            int from = random.nextInt(chat.frames().size());
            again(chat, from == 0 ? "0" : chat.frames().get(from - 1).cursor().toString(), false);
        }
    }

    private void post(SeenChat chat) throws InterruptedException {
        String id = UUID.randomUUID().toString();
        String text =
                "%s says %d [stub deltas=%d delay=%d]"
                        .formatted(
                                name,
                                chat.texts().size() + 1,
                                5 + random.nextInt(40),
                                5 + random.nextInt(35));
        chat.texts().put(id, text);
        int sends = random.nextInt(6) == 0 ? 2 : 1;
        for (int i = 0; i < sends; i++) {
            Accepted accepted =
                    insist("post", chat, () -> visitor.at(front()).say(chat.id(), id, text));
            if (accepted != null) {
                chat.acknowledged().add(accepted);
                log.op(
                        "acknowledged",
                        "who",
                        name,
                        "chat",
                        chat.id(),
                        "message",
                        id,
                        "answer",
                        accepted.answerId(),
                        "cursor",
                        accepted.cursor(),
                        "duplicate",
                        accepted.duplicate());
            }
        }
    }

    private void retryIfEnded(SeenChat chat) throws InterruptedException {
        Chat state = state(chat);
        RunStatus run = state == null ? null : state.run();
        if (run == null || !Set.of("failed", "cancelled").contains(run.state())) {
            return;
        }
        log.op("retry", "who", name, "chat", chat.id(), "message", run.messageId());
        try {
            // An unknown outcome is as good as another: what follows shows which it was.
            visitor.at(front()).retry(chat.id());
        } catch (IOException e) {
            log.op("retry-unknown", "who", name, "why", String.valueOf(e.getMessage()));
        }
        chat.retried();
        follow(chat, 0);
    }

    /// Reads until the chat is idle and everything is read.
    ///
    /// @param stopAfter stops the turn after so many pieces of text; 0 for never
    private void follow(SeenChat chat, int stopAfter) throws InterruptedException {
        int stop = stopAfter;
        while (true) {
            Chat state = state(chat);
            if (state == null) {
                return;
            }
            long last = Cursor.parse(state.cursor()).seq();
            if (last < chat.seq()) {
                trouble(chat, Invariant.I9, "saw " + chat.seq() + ", the chat ends at " + last);
                return;
            }
            RunStatus run = state.run();
            boolean live = run != null && LIVE.contains(run.state());
            if (!live && chat.seq() == last) {
                return;
            }
            if (!read(chat, stop)) {
                return;
            }
            stop = 0;
        }
    }

    /// One answer. False when it did not come in time.
    private boolean read(SeenChat chat, int stopAfter) throws InterruptedException {
        int[] deltas = {0};
        String from = chat.cursor();
        try {
            Answer answer =
                    visitor.read(chat.id())
                            .via(this::front)
                            .onFrame(seen -> {
                                chat.frames().add(seen);
                                if (seen.frame() instanceof Frame.TextDelta
                                        && ++deltas[0] == stopAfter) {
                                    stop(chat);
                                }
                            })
                            .answer(from, left());
            log.op(
                    "read",
                    "who",
                    name,
                    "chat",
                    chat.id(),
                    "from",
                    from,
                    "to",
                    answer.cursor().toString(),
                    "connections",
                    answer.connections());
            return true;
        } catch (StreamViolation e) {
            throw e;
        } catch (AssertionError e) {
            trouble(chat, Invariant.I9B, String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void stop(SeenChat chat) {
        chat.stopped();
        log.op("stop", "who", name, "chat", chat.id());
        try {
            visitor.at(front()).stop(chat.id());
        } catch (IOException e) {
            log.op("stop-unknown", "who", name, "why", String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// A second tab: reads again from an earlier place, to the end of one answer or of all, and
    /// compares.
    private void again(SeenChat chat, String from, boolean all) throws InterruptedException {
        String cursor = from;
        while (Cursor.START.toString().equals(cursor) && !chat.frames().isEmpty()
                || !cursor.equals("0") && Cursor.parse(cursor).seq() < chat.seq()) {
            Answer answer;
            try {
                answer = visitor.read(chat.id()).via(this::front).answer(cursor, left());
            } catch (StreamViolation e) {
                throw e;
            } catch (AssertionError e) {
                trouble(chat, Invariant.I9B, "second tab: " + e.getMessage());
                return;
            }
            for (Answer.SeenFrame frame : answer.frames()) {
                int at = (int) frame.cursor().seq() - 1;
                if (at < chat.frames().size()
                        && !chat.frames().get(at).frame().equals(frame.frame())) {
                    trouble(
                            chat,
                            Invariant.I9,
                            "frame %d was %s and is %s"
                                    .formatted(
                                            at + 1, chat.frames().get(at).frame(), frame.frame()));
                    return;
                }
            }
            cursor = answer.cursor().toString();
            if (!all) {
                return;
            }
        }
    }

    private @Nullable Chat state(SeenChat chat) throws InterruptedException {
        return insist("look", chat, () -> visitor.at(front()).chat(chat.id()));
    }

    private interface Call<T> {
        T make() throws IOException, InterruptedException;
    }

    /// Repeats a call until its outcome is known.
    ///
    /// @return null when the relay refused it, or time is up
    private <T> @Nullable T insist(String what, SeenChat chat, Call<T> call)
            throws InterruptedException {
        while (System.nanoTime() < deadlineNanos) {
            try {
                return call.make();
            } catch (UnexpectedAnswer e) {
                if (e.status() == 409 && what.equals("post")) {
                    log.op("refused", "who", name, "call", what, "why", e.getMessage());
                    return null;
                }
                if (e.status() < 500 && e.status() != 429) {
                    trouble(chat, Invariant.I9B, what + " was refused: " + e.getMessage());
                    return null;
                }
                log.op("repeat", "who", name, "call", what, "why", e.getMessage());
            } catch (IOException e) {
                log.op("repeat", "who", name, "call", what, "why", String.valueOf(e));
            }
            TimeUnit.MILLISECONDS.sleep(30 + random.nextInt(100));
        }
        trouble(chat, Invariant.I9B, what + " found no answer in time");
        return null;
    }

    private URI front() {
        return fronts.get(random.nextInt(fronts.size()));
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(1, deadlineNanos - System.nanoTime()));
    }
}
