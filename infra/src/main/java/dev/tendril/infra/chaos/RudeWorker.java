package dev.tendril.infra.chaos;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.infra.visitor.Answer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A worker without manners, in this JVM: answers as the stub model would, and now and then sleeps
/// over its lease and goes on writing, sends a batch or an end twice, skips a number, walks off
/// without a word, or writes on after it gave a run back. One thread.
final class RudeWorker {
    private static final int DELTAS_PER_BATCH = 6;

    private final WorkerCalls calls;
    private final Random random;
    private final Duration lease;
    private final ChaosLog log;
    private final BooleanSupplier polite;
    private final BooleanSupplier over;

    private enum Manner {
        POLITE,
        ZOMBIE,
        TWICE,
        GAP,
        LOST,
        GIVES_BACK
    }

    /// @param polite whether it behaves from now on, so that all can come to rest
    /// @param over whether it ends
    RudeWorker(
            WorkerCalls calls,
            long seed,
            Duration lease,
            ChaosLog log,
            BooleanSupplier polite,
            BooleanSupplier over) {
        this.calls = calls;
        this.random = new Random(seed * 17 + 5);
        this.lease = lease;
        this.log = log;
        this.polite = polite;
        this.over = over;
    }

    void run() throws InterruptedException {
        boolean open = false;
        UUID key = UUID.randomUUID();
        while (!over.getAsBoolean()) {
            try {
                if (!open) {
                    calls.open();
                    open = true;
                }
                List<ClaimedRun> runs = calls.claim(key, 1, 2);
                key = UUID.randomUUID();
                for (ClaimedRun run : runs) {
                    answer(run);
                }
            } catch (IOException e) {
                log.op("rude-away", "why", String.valueOf(e));
                open &= !String.valueOf(e.getMessage()).contains("gave 401");
                TimeUnit.MILLISECONDS.sleep(200);
            }
        }
    }

    private void answer(ClaimedRun run) throws IOException, InterruptedException {
        Manner manner =
                polite.getAsBoolean()
                        ? Manner.POLITE
                        : Manner.values()[random.nextInt(Manner.values().length)];
        log.op("rude", "run", run.runId(), "fence", run.fence(), "manner", manner.name());
        if (run.checkpoint() != null) {
            // The one step of an answer was finished before; only the end is missing.
            insist(() ->
                    calls.complete(
                            run.runId(), run.leaseToken(), 1, List.of(new Frame.Finish(null))));
            return;
        }
        List<List<Frame>> batches = ExpectedAnswer.batches(run, DELTAS_PER_BATCH);
        int turn = 1 + random.nextInt(Math.max(1, batches.size() - 1));
        int number = 1;
        for (List<Frame> batch : batches.subList(0, batches.size() - 1)) {
            if (number == turn) {
                switch (manner) {
                    case ZOMBIE -> TimeUnit.MILLISECONDS.sleep(lease.toMillis() + 7_000);
                    case GAP -> calls.append(run.runId(), run.leaseToken(), number + 1, batch);
                    case LOST -> {
                        return;
                    }
                    case GIVES_BACK -> calls.release(run.runId(), run.leaseToken());
                    case POLITE, TWICE -> {}
                }
            }
            int sent = number;
            if (!insist(() -> calls.append(run.runId(), run.leaseToken(), sent, batch))) {
                return;
            }
            if (manner == Manner.TWICE) {
                calls.append(run.runId(), run.leaseToken(), sent, batch);
            }
            number++;
            TimeUnit.MILLISECONDS.sleep(40 + random.nextInt(80));
        }
        int last = number;
        if (insist(() -> calls.complete(run.runId(), run.leaseToken(), last, batches.getLast()))
                && manner == Manner.TWICE) {
            calls.complete(run.runId(), run.leaseToken(), last, batches.getLast());
            // Never stored, so that nobody may call it a repetition.
            calls.append(
                    run.runId(),
                    run.leaseToken(),
                    last + 1,
                    List.of(new Frame.TextStart("never-" + run.fence())));
        }
    }

    private interface Call {
        HttpResponse<byte[]> make() throws IOException, InterruptedException;
    }

    /// Repeats a call until its outcome is known. False when it was refused.
    private boolean insist(Call call) throws InterruptedException {
        while (!over.getAsBoolean()) {
            try {
                int status = call.make().statusCode();
                if (status < 500) {
                    return status == 200;
                }
            } catch (IOException e) {
                log.op("rude-repeat", "why", String.valueOf(e));
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        return false;
    }

    /// What the visitor asked.
    static String question(ClaimedRun run) {
        ChatMessage asked = run.history().getLast();
        return Answer.text(asked.parts());
    }
}
