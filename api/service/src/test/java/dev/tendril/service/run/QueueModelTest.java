package dev.tendril.service.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.property.Property;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Random sequences of commands against the queue and against [QueueModel]: after each command both
/// have answered the same, and their runs and events are equal.
@MicronautTest(transactional = false)
final class QueueModelTest extends QueueTest {

    private static final int CASES = Integer.getInteger("test.cases", 30);
    private static final int COMMANDS = 80;
    private static final int ACTORS = 6;

    @BeforeEach
    void onlyTheTestReaps() {
        reaper.close();
    }

    @Test
    void theQueueIsItsModelAfterEachCommand() {
        new Property<>(
                        "the queue is its model",
                        random -> QueueCommand.sequence(random, COMMANDS),
                        commands -> {
                            Case one = new Case();
                            for (QueueCommand command : commands) {
                                one.step(command);
                                one.compare(command);
                            }
                        })
                .check(CASES);
    }

    @Test
    void whateverActorsDoAtOnceNothingIsLostOrAnsweredTwice() {
        new Property<>(
                        "invariants under concurrency",
                        random -> QueueCommand.sequence(random, ACTORS * COMMANDS),
                        commands -> {
                            Case one = new Case();
                            List<CompletableFuture<Boolean>> actors = new ArrayList<>();
                            int share = (commands.size() + ACTORS - 1) / ACTORS;
                            for (int from = 0; from < commands.size(); from += share) {
                                var mine =
                                        commands.subList(
                                                from, Math.min(from + share, commands.size()));
                                actors.add(
                                        async(() -> {
                                            mine.forEach(one::act);
                                            return true;
                                        }));
                            }
                            actors.forEach(CompletableFuture::join);
                            one.drain();
                            one.checkInvariants();
                        })
                .check(3);
    }

    /// One case, in a workspace of its own.
    private final class Case {
        private final QueueModel model = new QueueModel();
        private final List<UUID> chats = new ArrayList<>();
        private final List<UUID> workers = new ArrayList<>();
        private final List<Held> leases = new ArrayList<>();
        private final Map<Integer, UUID> keys = new HashMap<>();
        private int messages;

        Case() {
            sql(
                    "update run set state = 'cancelled', ended_at = now(), lease_token = null, lease_until = null"
                            + " where state in ('waiting', 'ready', 'running')");
            workspace();
            for (int i = 0; i < QueueCommand.CHATS; i++) {
                chats.add(chat());
            }
            for (int i = 0; i < QueueCommand.WORKERS; i++) {
                workers.add(newWorker());
            }
        }

        void step(QueueCommand command) {
            switch (command) {
                case QueueCommand.Post c -> model.post(c.chat(), postNext(c.chat()).id());
                case QueueCommand.Claim c -> claim(c);
                case QueueCommand.Append c ->
                        withLease(
                                c.lease(),
                                held -> {
                                    Batch batch = batch(held, c);
                                    assertEquals(
                                            model.append(
                                                    held.run.runId(),
                                                    held.run.leaseToken(),
                                                    batch.number,
                                                    batch.start,
                                                    batch.part,
                                                    batch.frames.size(),
                                                    batch.step),
                                            told(() -> send(held, batch)),
                                            c::toString);
                                });
                case QueueCommand.Foreign c ->
                        withLease(
                                c.lease(),
                                held -> {
                                    UUID other = newWorker();
                                    Held stolen = new Held(held.run, other, workspace);
                                    Batch batch =
                                            batch(
                                                    held,
                                                    new QueueCommand.Append(
                                                            c.lease(), 0, QueueCommand.Check.NONE));
                                    assertEquals(
                                            model.foreign(held.run.runId(), held.run.leaseToken()),
                                            told(() -> send(stolen, batch)));
                                });
                case QueueCommand.Complete c ->
                        withLease(
                                c.lease(),
                                held -> {
                                    boolean start = !model.opened(held.run.runId());
                                    int number = model.nextBatch(held.run.runId()) + c.batches();
                                    List<Frame> frames = last(held, start);
                                    assertEquals(
                                            model.complete(
                                                    held.run.runId(),
                                                    held.run.leaseToken(),
                                                    number,
                                                    start,
                                                    frames.size()),
                                            told(() -> complete(held, number, frames)),
                                            c::toString);
                                });
                case QueueCommand.Fail c ->
                        withLease(
                                c.lease(),
                                held ->
                                        assertEquals(
                                                model.fail(held.run.runId(), held.run.leaseToken()),
                                                outcome(() -> fail(held)),
                                                c::toString));
                case QueueCommand.Release c ->
                        withLease(
                                c.lease(),
                                held ->
                                        assertEquals(
                                                model.release(
                                                        held.run.runId(), held.run.leaseToken()),
                                                outcome(() -> queue.release(held.call())),
                                                c::toString));
                case QueueCommand.Heartbeat c ->
                        withLease(
                                c.lease(),
                                held ->
                                        assertEquals(
                                                model.heartbeat(
                                                        held.run.runId(), held.run.leaseToken()),
                                                outcome(() -> queue.renew(held.call())),
                                                c::toString));
                case QueueCommand.Stop c ->
                        assertEquals(model.stop(c.chat()), turns.stop(workspace, chatOf(c.chat())));
                case QueueCommand.Retry c ->
                        assertEquals(model.retry(c.chat()), outcome(() -> retry(c.chat())));
                case QueueCommand.Expire c ->
                        withLease(
                                c.lease(),
                                held -> {
                                    model.expire(held.run.runId(), held.run.leaseToken());
                                    expire(held);
                                });
                case QueueCommand.Overdue c -> {
                    Long head = model.head(c.chat());
                    if (head != null) {
                        model.overdue(head);
                        overdue(head);
                    }
                }
                case QueueCommand.Strand c -> {
                    Long head = model.head(c.chat());
                    if (head != null && model.strand(c.chat())) {
                        sql("update run set state = 'waiting', ready_at = null where id = " + head);
                    }
                }
                case QueueCommand.Reap _ -> {
                    model.reap();
                    reaper.reap();
                }
            }
        }

        void compare(QueueCommand command) {
            assertEquals(join(model.runs()), runs(), () -> "runs after " + command);
            assertEquals(join(model.events()), events(), () -> "events after " + command);
        }

        /// Without a model: what several actors do at once has no one right answer.
        void act(QueueCommand command) {
            switch (command) {
                case QueueCommand.Post c -> postNext(c.chat());
                case QueueCommand.Claim c ->
                        keep(c, queue.claim(claimant(c), c.capacity(), List.of("chat")));
                case QueueCommand.Append c ->
                        withLease(c.lease(), held -> blind(held, c.batches()));
                case QueueCommand.Foreign c -> withLease(c.lease(), held -> blind(held, 0));
                case QueueCommand.Complete c ->
                        withLease(
                                c.lease(),
                                held -> {
                                    int number = next(held.run.runId());
                                    boolean start = !opened(held.run.runId());
                                    told(() -> complete(held, number, last(held, start)));
                                });
                case QueueCommand.Fail c -> withLease(c.lease(), h -> outcome(() -> fail(h)));
                case QueueCommand.Release c ->
                        withLease(c.lease(), h -> outcome(() -> queue.release(h.call())));
                case QueueCommand.Heartbeat c ->
                        withLease(c.lease(), h -> outcome(() -> queue.renew(h.call())));
                case QueueCommand.Stop c -> turns.stop(workspace, chatOf(c.chat()));
                case QueueCommand.Retry c -> outcome(() -> retry(c.chat()));
                case QueueCommand.Expire c -> withLease(c.lease(), this::expire);
                case QueueCommand.Overdue _, QueueCommand.Strand _ -> {}
                case QueueCommand.Reap _ -> reaper.reap();
            }
        }

        /// Answers whatever is left.
        void drain() {
            sql("update run set lease_until = now() - interval '1 s' where state = 'running'");
            reaper.reap();
            var key = new QueueCommand.Claim(0, 3, false);
            for (var runs = queue.claim(claimant(key), 3, List.of("chat"));
                    !runs.isEmpty();
                    runs = queue.claim(claimant(key), 3, List.of("chat"))) {
                for (ClaimedRun run : runs) {
                    Held held = new Held(run, workers.getFirst(), workspace);
                    assertTrue(
                            told(() -> complete(held, 1, last(held, !run.opened())))
                                    .startsWith("ok "));
                }
            }
        }

        void checkInvariants() {
            assertEquals(
                    "0",
                    sql(
                            "select count(*) from run where state in ('waiting', 'ready', 'running') and workspace_id = '"
                                    + workspace
                                    + "'"),
                    "each run ends");
            assertEquals(
                    Integer.toString(messages),
                    sql("select count(*) from run where workspace_id = '" + workspace + "'"),
                    "each message has a run");
            assertEquals(
                    "0",
                    sql(
                            """
                            select count(*) from run r where workspace_id = '%s'
                               and (state = 'done') <> (1 = (select count(*) from event e where e.run_id = r.id and e.kind = 'done'))
                            """
                                    .formatted(workspace)),
                    "exactly one done");
            assertEquals(
                    "0",
                    sql(
                            """
                            select count(*) from (
                                select e.run_id, fence, lag(fence) over (partition by run_id order by first_seq) as before
                                  from event e where workspace_id = '%s' and fence is not null) x
                             where fence < before
                            """
                                    .formatted(workspace)),
                    "no event of an older fence after a newer one");
            assertEquals(
                    "0",
                    sql(
                            """
                            select count(*) from (
                                select run_id, fence, batch, count(*) from event
                                 where workspace_id = '%s' and batch is not null group by 1, 2, 3 having count(*) > 1) x
                            """
                                    .formatted(workspace)),
                    "each batch once");
            for (UUID chat : chats) {
                if (!"0".equals(sql("select last_seq from stream where id = '" + chat + "'"))) {
                    assertEquals(
                            Long.parseLong(
                                    sql("select last_seq from stream where id = '" + chat + "'")),
                            frames(chat).size(),
                            "seq is 1 to n");
                }
            }
        }

        private void claim(QueueCommand.Claim command) {
            Claimant who = claimant(command);
            List<Long> held = model.heldBy(who.key());
            long expected =
                    held.isEmpty() ? Math.min(command.capacity(), model.ready()) : held.size();
            List<ClaimedRun> runs = queue.claim(who, command.capacity(), List.of("chat"));
            assertEquals(expected, runs.size(), command::toString);
            for (ClaimedRun run : runs) {
                if (held.isEmpty()) {
                    model.claimed(run.runId(), who.key(), run.leaseToken());
                } else {
                    assertTrue(held.contains(run.runId()), command::toString);
                }
            }
            keep(command, runs);
        }

        private Claimant claimant(QueueCommand.Claim command) {
            synchronized (keys) {
                UUID last = keys.get(command.worker());
                UUID key = command.again() && last != null ? last : UUID.randomUUID();
                keys.put(command.worker(), key);
                return new Claimant(workspace, workers.get(command.worker()), key, List.of(), null);
            }
        }

        private void keep(QueueCommand.Claim command, List<ClaimedRun> runs) {
            synchronized (leases) {
                for (ClaimedRun run : runs) {
                    leases.add(new Held(run, workers.get(command.worker()), workspace));
                }
            }
        }

        private void withLease(int age, Consumer<Held> use) {
            Held held;
            synchronized (leases) {
                if (age >= leases.size()) {
                    return;
                }
                held = leases.get(leases.size() - 1 - age);
            }
            use.accept(held);
        }

        private Run postNext(int chat) {
            int number;
            synchronized (keys) {
                number = ++messages;
            }
            return post(chatOf(chat), "m" + number);
        }

        private UUID chatOf(int index) {
            return chats.get(index);
        }

        private Batch batch(Held held, QueueCommand.Append command) {
            long id = held.run.runId();
            int number = model.nextBatch(id) + command.batches();
            boolean bare = command.checkpoint() == QueueCommand.Check.BARE;
            int step =
                    switch (command.checkpoint()) {
                        case NONE -> 0;
                        case NEXT, BARE -> model.step(id) + 1;
                        case SKIPPED -> model.step(id) + 2;
                    };
            boolean start = !bare && !model.opened(id);
            if (bare) {
                return new Batch(number, false, null, List.of(), step);
            }
            String part = "a%df%db%d".formatted(held.run.attempt(), held.run.fence(), number);
            List<Frame> frames = new ArrayList<>();
            if (start) {
                frames.add(start(held.run));
            }
            frames.add(new Frame.TextStart(part));
            frames.add(new Frame.TextDelta(part, "x"));
            return new Batch(number, start, part, frames, step);
        }

        private void blind(Held held, int batches) {
            int number = next(held.run.runId()) + batches;
            boolean start = !opened(held.run.runId());
            List<Frame> frames =
                    start
                            ? List.of(start(held.run), new Frame.TextStart("t" + number))
                            : List.of(new Frame.TextStart("t" + number));
            told(() -> send(held, new Batch(number, start, null, frames, 0)));
        }

        private int next(long id) {
            return Integer.parseInt(sql("select next_batch from run where id = " + id));
        }

        private boolean opened(long id) {
            return "t".equals(sql("select opened from run where id = " + id));
        }

        private List<Frame> last(Held held, boolean start) {
            return start ? List.of(start(held.run), FINISH) : List.of(FINISH);
        }

        private Appended send(Held held, Batch batch) {
            Checkpoint checkpoint =
                    batch.step == 0 ? null : new Checkpoint(batch.step, "step " + batch.step);
            return writer.append(
                    held.call(),
                    new AppendFrames(
                            held.run.leaseToken(), batch.number, batch.frames, checkpoint));
        }

        private Appended complete(Held held, int number, List<Frame> frames) {
            return writer.complete(
                    held.call(), new CompleteRun(held.run.leaseToken(), number, frames));
        }

        private void fail(Held held) {
            queue.fail(
                    held.call(), new FailRun(held.run.leaseToken(), "model", "It is away.", true));
        }

        private void retry(int chat) {
            transactions.write(tx -> turns.retry(tx, workspace, chatOf(chat)));
        }

        private void expire(Held held) {
            sql(
                    "update run set lease_until = now() - interval '1 s' where id = %d and lease_token = '%s'"
                            .formatted(held.run.runId(), held.run.leaseToken()));
        }

        private void overdue(long head) {
            sql(
                    model.everClaimed(head)
                            ? "update run set deadline_at = now() - interval '1 s' where id = "
                                    + head
                            : "update run set ready_at = now() - interval '25 h' where id = "
                                    + head);
        }

        private String runs() {
            return sql(
                    """
                    select string_agg('run ' || r.id || ' ' || state || ' ordinal ' || ordinal || ' attempt ' || attempt
                             || ' fence ' || fence || ' next ' || next_batch
                             || ' step ' || coalesce((select max(step) from checkpoint c where c.run_id = r.id), 0)
                             || ' opened ' || opened || ' accepted ' || (accepted_at is not null)
                             || ' seqs ' || accepted_seq || ' ' || coalesce(first_seq::text, 'null')
                             || ' ' || coalesce(settled_seq::text, 'null')
                             || ' token ' || coalesce(lease_token::text, 'null')
                             || ' ended ' || coalesce(ended_token::text, 'null'), chr(10) order by id)
                      from run r where workspace_id = '%s'
                    """
                            .formatted(workspace));
        }

        private String events() {
            String order =
                    chats.stream().map(UUID::toString).collect(Collectors.joining("','", "'", "'"));
            return sql(
                    """
                    select string_agg(first_seq || '..' || last_seq || ' run ' || run_id
                             || ' fence ' || coalesce(fence::text, 'null') || ' batch ' || coalesce(batch::text, 'null')
                             || ' ' || kind, chr(10) order by array_position(array[%s]::uuid[], stream_id), first_seq)
                      from event where workspace_id = '%s'
                    """
                            .formatted(order, workspace));
        }
    }

    /// As `string_agg` has it: nothing is null.
    private static String join(List<String> rows) {
        return rows.isEmpty() ? "null" : String.join("\n", rows);
    }

    private static String told(Supplier<Appended> call) {
        try {
            Appended answer = call.get();
            return (answer.duplicate() ? "duplicate " : "ok ") + answer.lastSeq();
        } catch (ProblemException e) {
            return e.code().wire();
        }
    }

    private record Batch(
            int number, boolean start, @Nullable String part, List<Frame> frames, int step) {}

    private record Held(ClaimedRun run, UUID worker, UUID workspace) {
        LeasedCall call() {
            return new LeasedCall(workspace, worker, run.runId(), run.leaseToken());
        }
    }
}
