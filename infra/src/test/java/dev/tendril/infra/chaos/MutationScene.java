package dev.tendril.infra.chaos;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.ledger.Invariant;
import dev.tendril.infra.ledger.Violation;
import dev.tendril.infra.mutant.Mutants;
import dev.tendril.infra.stage.Await;
import dev.tendril.infra.stage.CutProxy;
import dev.tendril.infra.visitor.Cursor;
import dev.tendril.infra.visitor.StreamViolation;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// One relay that can be mutated, one visitor, and a worker of which two processes seem to live:
/// the same token, the same session. Everything that is written goes through a proxy that takes
/// notes.
final class MutationScene implements AutoCloseable {
    private static final Duration LEASE = Duration.ofSeconds(6);
    private static final Duration SOON = Duration.ofSeconds(12);
    private static final Duration READ = Duration.ofSeconds(3);
    private static final Set<String> LIVE = Set.of("waiting", "ready", "running");
    static final String TEXT = "Tell me [stub deltas=18]";
    private static final int DELTAS_PER_BATCH = 6;

    private final House house;
    private final House.Relay relay;
    private final Mutants mutants;
    private final GuardStore guards;
    private final CutProxy proxy;
    private final WorkerCalls worker;
    private final ChaosLog log;
    private final WorkerRecord record = new WorkerRecord();
    private final List<SeenChat> chats = new ArrayList<>();
    private final Visitor visitor;

    private MutationScene(House house, House.Relay relay, Mutants mutants, ChaosLog log)
            throws IOException, InterruptedException {
        this.house = house;
        this.relay = relay;
        this.mutants = mutants;
        this.log = log;
        this.guards = new GuardStore(house.database().superuserJdbcUrl());
        this.proxy = CutProxy.to(List.of(relay.url()), new WorkerTap("worker", record, log));
        this.worker = new WorkerCalls(house.http(), proxy.url(), house.workerToken());
        this.worker.open();
        this.visitor = house.visitor(relay.url());
    }

    static MutationScene open(Path directory, Mutants mutants)
            throws IOException, InterruptedException {
        var house = House.open(Jars.ofThisBuild(), directory);
        try {
            var relay =
                    house.relay(
                            "relay",
                            Map.of(
                                    "TENDRIL_LEASE",
                                    LEASE.toSeconds() + "s",
                                    "JDK_JAVA_OPTIONS",
                                    "-XX:TieredStopAtLevel=1 " + mutants.javaOption()));
            return new MutationScene(
                    house, relay, mutants, ChaosLog.to(directory.resolve("chaos.jsonl")));
        } catch (IOException | InterruptedException | RuntimeException | Error e) {
            house.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        house.close();
        log.close();
    }

    Mutants mutants() {
        return mutants;
    }

    House house() {
        return house;
    }

    House.Relay relay() {
        return relay;
    }

    GuardStore guards() {
        return guards;
    }

    WorkerCalls worker() {
        return worker;
    }

    /// Forgets all.
    void clear() throws SQLException, IOException {
        mutants.only("");
        guards.clear();
        record.clear();
        chats.clear();
    }

    SeenChat chat() throws IOException, InterruptedException {
        var chat = new SeenChat(visitor.openChat());
        chats.add(chat);
        return chat;
    }

    /// @return null when the relay refused it
    void post(SeenChat chat, String id) throws IOException, InterruptedException {
        chat.texts().put(id, TEXT);
        var answer = visitor.post(chat.id(), id, TEXT);
        if (answer.statusCode() == 202) {
            chat.acknowledged()
                    .add(dev.tendril.infra.json.Json.read(answer.body(), Accepted.class));
        }
    }

    void post(SeenChat chat) throws IOException, InterruptedException {
        post(chat, UUID.randomUUID().toString());
    }

    /// Waits for a run; empty when none comes.
    List<ClaimedRun> claim(int capacity) throws IOException, InterruptedException {
        return worker.claim(UUID.randomUUID(), capacity, 4);
    }

    ClaimedRun claimOne() throws IOException, InterruptedException {
        List<ClaimedRun> runs = claim(1);
        if (runs.isEmpty()) {
            throw new Unclaimed();
        }
        return runs.getFirst();
    }

    /// The lease ends; returns when another may claim the run.
    ClaimedRun takeOver(ClaimedRun run) throws Exception {
        guards.expire(run.runId());
        return claimOne();
    }

    /// No run where there must be one.
    static final class Unclaimed extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /// The batches of an answer, from the first; the last one completes.
    static List<List<Frame>> batches(ClaimedRun run) {
        return ExpectedAnswer.batches(run, DELTAS_PER_BATCH);
    }

    HttpResponse<byte[]> send(ClaimedRun run, int batch) throws IOException, InterruptedException {
        return sendAs(run, batch, batch);
    }

    /// A batch under another number than its own.
    HttpResponse<byte[]> sendAs(ClaimedRun run, int batch, int number)
            throws IOException, InterruptedException {
        List<List<Frame>> all = batches(run);
        List<Frame> frames = all.get(batch - 1);
        return batch == all.size()
                ? worker.complete(run.runId(), run.leaseToken(), number, frames)
                : worker.append(run.runId(), run.leaseToken(), number, frames);
    }

    /// Sends from a batch to the end, until something is refused.
    void finish(ClaimedRun run, int from) throws IOException, InterruptedException {
        int all = batches(run).size();
        for (int batch = from; batch <= all; batch++) {
            if (send(run, batch).statusCode() != 200) {
                return;
            }
        }
    }

    /// Reads all chats to their end and gives the verdict.
    List<Violation> verdict() throws Exception {
        readAll();
        return Verdict.of(house.ledger(), chats, record);
    }

    /// Reads all chats to their end.
    void readAll() throws Exception {
        for (SeenChat chat : chats) {
            try {
                read(chat);
            } catch (StreamViolation e) {
                chat.troubles().add(new Violation(Invariant.I8, String.valueOf(e.getMessage())));
            } catch (AssertionError e) {
                chat.troubles().add(new Violation(Invariant.I9B, String.valueOf(e.getMessage())));
            }
        }
    }

    private void read(SeenChat chat) throws Exception {
        while (true) {
            Chat state = Await.value(SOON, "the chat", () -> visitor.chat(chat.id()));
            boolean live = state.run() != null && LIVE.contains(state.run().state());
            long last = Cursor.parse(state.cursor()).seq();
            if (last < chat.seq()) {
                chat.troubles()
                        .add(
                                new Violation(
                                        Invariant.I9,
                                        "saw " + chat.seq() + ", the chat ends at " + last));
                return;
            }
            if (!live && chat.seq() == last) {
                return;
            }
            visitor.read(chat.id()).onFrame(chat.frames()::add).answer(chat.cursor(), READ);
        }
    }
}
