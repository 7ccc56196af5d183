package dev.tendril.worker.relay;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.problem.Problem;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.Checkpoint;
import dev.tendril.contract.run.ClaimRequest;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.contract.run.Renewed;
import dev.tendril.contract.worker.OpenWorkerSession;
import dev.tendril.contract.worker.WorkerNonce;
import dev.tendril.contract.worker.WorkerSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// A relay in memory that holds to `docs/protocol.md`, with switches for what goes wrong: being
/// away, losing answers, revoking tokens, stopping runs.
public final class RelayDouble implements AutoCloseable {
    /// A token that this relay accepts.
    public static final String TOKEN =
            "tnd_wk_abcdefghij_" + "0123456789012345678901234567890123456789012" + "_a1b2c3";

    private static final Pattern RUN = Pattern.compile("/api/v1/runs/([0-9]+)/([a-z]+)");

    private static final Pattern IMAGE =
            Pattern.compile("/api/v1/runs/([0-9]+)/attachments/([0-9a-f-]+)");

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ArrayDeque<ClaimedRun> ready = new ArrayDeque<>();
    private final Map<Long, Run> runs = new HashMap<>();
    private final Map<UUID, List<ClaimedRun>> claims = new HashMap<>();
    private final Set<String> jwts = new HashSet<>();
    private final List<OpenWorkerSession> sessions = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> calls = new ConcurrentLinkedQueue<>();
    private @Nullable String pinnedKey;
    private boolean tokenRevoked;
    private boolean drained;
    private int loseAnswers;
    private int refuseCalls;
    private boolean refuseFrames;
    private int minFlushMs = 40;
    private volatile @Nullable String snapshot;
    private long leaseMs = 30_000;
    private long sessionSeconds = 900;
    private long nextRun = 1;
    private HttpServer server;
    private final int port;

    /// Starts on a free port of the loopback interface.
    public RelayDouble() {
        this.server = listen(0);
        this.port = server.getAddress().getPort();
    }

    /// What the relay knows of a run.
    public static final class Run {
        private final ClaimedRun claimed;
        private final List<Frame> frames = new ArrayList<>();
        private final List<Integer> batchSizes = new ArrayList<>();
        private final List<Long> batchNanos = new ArrayList<>();
        private final List<Checkpoint> checkpoints = new ArrayList<>();
        private int nextBatch = 1;
        private long leaseUntil;
        private String state = "ready";
        private @Nullable FailRun failure;

        Run(ClaimedRun claimed) {
            this.claimed = claimed;
        }
    }

    private HttpServer listen(int at) {
        try {
            var made =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
            made.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
            made.createContext("/", this::handle);
            made.start();
            return made;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Where it is.
    public URI uri() {
        return URI.create("http://127.0.0.1:" + port);
    }

    /// Cuts every connection and stops listening.
    public void away() {
        server.stop(0);
    }

    /// Comes back on the same port, with everything it knew.
    public void back() {
        server = listen(port);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    /// Makes a run that asks the given question.
    public ClaimedRun ask(String question) {
        return ask(List.of(visitor("m1", question)), null, 1, false);
    }

    /// A visitor's message.
    public static ChatMessage visitor(String id, String text) {
        return new ChatMessage(id, "user", List.of(new Part.Text(text)), null);
    }

    /// An earlier answer.
    public static ChatMessage assistant(String id, String text) {
        return new ChatMessage(id, "assistant", List.of(new Part.Text(text)), null);
    }

    /// What the next runs bring along from their chat's last turn.
    public void snapshot(@Nullable String text) {
        snapshot = text;
    }

    /// Makes a run.
    public ClaimedRun ask(
            List<ChatMessage> history,
            @Nullable Checkpoint checkpoint,
            int attempt,
            boolean opened) {
        return with(() -> {
            var run =
                    new ClaimedRun(
                            nextRun++,
                            "chat",
                            attempt,
                            attempt,
                            UUID.randomUUID(),
                            10_000,
                            leaseMs,
                            UUID.randomUUID(),
                            history.getLast().id(),
                            "answer-" + nextRun,
                            opened,
                            checkpoint,
                            snapshot,
                            history);
            runs.put(run.runId(), new Run(run));
            ready.add(run);
            changed.signalAll();
            return run;
        });
    }

    private <T extends @Nullable Object> T with(Supplier<T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    private void change(Runnable action) {
        lock.lock();
        try {
            action.run();
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// The visitor presses stop.
    public void stop(long runId) {
        change(() -> run(runId).state = "cancelled");
    }

    /// The next answers are computed and then lost on the way.
    public void loseAnswers(int count) {
        change(() -> loseAnswers = count);
    }

    /// The next calls get 503.
    public void refuseCalls(int count) {
        change(() -> refuseCalls = count);
    }

    /// Frames are not what this relay takes.
    public void refuseFrames() {
        change(() -> refuseFrames = true);
    }

    /// Asks for slower batches.
    public void brake(int ms) {
        change(() -> minFlushMs = ms);
    }

    /// Leases from now on.
    public void leaseMs(long ms) {
        change(() -> leaseMs = ms);
    }

    /// Life of JWTs from now on, as told.
    public void sessionSeconds(long seconds) {
        change(() -> sessionSeconds = seconds);
    }

    /// All JWTs are void, the long-lived token still good.
    public void forgetSessions() {
        change(jwts::clear);
    }

    /// The long-lived token is void too.
    public void revokeToken() {
        change(() -> {
            tokenRevoked = true;
            jwts.clear();
        });
    }

    private Run run(long runId) {
        Run run = runs.get(runId);
        if (run == null) {
            throw new AssertionError("no run " + runId);
        }
        return run;
    }

    /// `ready`, `running`, `done`, `failed`, `cancelled` or `released`.
    public String state(long runId) {
        return with(() -> run(runId).state);
    }

    /// The frames that are stored.
    public List<Frame> frames(long runId) {
        return with(() -> List.copyOf(run(runId).frames));
    }

    /// JSON bytes of each stored batch's frames.
    public List<Integer> batchSizes(long runId) {
        return with(() -> List.copyOf(run(runId).batchSizes));
    }

    /// When each batch was stored.
    public List<Long> batchNanos(long runId) {
        return with(() -> List.copyOf(run(runId).batchNanos));
    }

    /// The checkpoints that are stored.
    public List<Checkpoint> checkpoints(long runId) {
        return with(() -> List.copyOf(run(runId).checkpoints));
    }

    /// How a run failed.
    public FailRun failure(long runId) {
        FailRun failure = with(() -> run(runId).failure);
        if (failure == null) {
            throw new AssertionError("run " + runId + " did not fail");
        }
        return failure;
    }

    /// The sessions that were opened.
    public List<OpenWorkerSession> sessions() {
        return with(() -> List.copyOf(sessions));
    }

    /// Whether the worker said that it leaves.
    public boolean drained() {
        return with(() -> drained);
    }

    /// Method-less paths of all calls so far.
    public List<String> calls() {
        return List.copyOf(calls);
    }

    /// The text of all text deltas of a run.
    public String text(long runId) {
        return frames(runId).stream()
                .filter(Frame.TextDelta.class::isInstance)
                .map(frame -> ((Frame.TextDelta) frame).delta())
                .collect(Collectors.joining());
    }

    /// Waits until a run has left `ready` and `running`.
    public void awaitEnd(long runId) {
        Wire.await(
                "the end of run " + runId + ", which is " + state(runId),
                () -> !Set.of("ready", "running").contains(state(runId)));
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath();
        calls.add(path);
        byte[] body = exchange.getRequestBody().readAllBytes();
        boolean refuse = with(() -> refuseCalls > 0 && refuseCalls-- > 0);
        if (refuse) {
            answer(exchange, 503, problem(ErrorCode.UNAVAILABLE));
            return;
        }
        Reply reply;
        try {
            reply = reply(exchange, path, body);
        } catch (InterruptedException | GeneralSecurityException e) {
            throw new IOException(e);
        }
        boolean lose = with(() -> loseAnswers > 0 && loseAnswers-- > 0);
        if (lose) {
            exchange.close();
            return;
        }
        answer(exchange, reply.status(), reply.body());
    }

    private record Reply(int status, @Nullable Object body) {}

    private static Problem problem(ErrorCode code) {
        return Problem.of(code, null, "test");
    }

    private static Reply refuse(ErrorCode code) {
        return new Reply(code.status(), problem(code));
    }

    private static void answer(HttpExchange exchange, int status, @Nullable Object body)
            throws IOException {
        if (body == null) {
            exchange.sendResponseHeaders(status, -1);
            exchange.close();
            return;
        }
        byte[] bytes = body instanceof byte[] raw ? raw : Wire.JSON.writeValueAsBytes(body);
        exchange.getResponseHeaders()
                .add(
                        "Content-Type",
                        body instanceof Problem ? "application/problem+json" : "application/json");
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    private Reply reply(HttpExchange exchange, String path, byte[] body)
            throws IOException, InterruptedException, GeneralSecurityException {
        String bearer = exchange.getRequestHeaders().getFirst("Authorization");
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        int wait = query.startsWith("wait=") ? Integer.parseInt(query.substring(5)) : 0;
        if (path.startsWith("/api/v1/workers/self/") && !path.endsWith("drain")) {
            if (with(() -> tokenRevoked) || !("Bearer " + TOKEN).equals(bearer)) {
                return refuse(ErrorCode.UNAUTHORIZED);
            }
            return path.endsWith("nonce")
                    ? new Reply(
                            200,
                            new WorkerNonce(
                                    UUID.randomUUID().toString(), Instant.now().plusSeconds(60)))
                    : session(read(body, OpenWorkerSession.class));
        }
        if (bearer == null || !with(() -> jwts.contains(bearer.substring(7)))) {
            return refuse(ErrorCode.UNAUTHORIZED);
        }
        if (path.endsWith("/drain")) {
            change(() -> drained = true);
            return new Reply(204, null);
        }
        if (path.equals("/api/v1/claims")) {
            return claim(read(body, ClaimRequest.class), wait);
        }
        Matcher image = IMAGE.matcher(path);
        if (image.matches()) {
            return image(
                    Long.parseLong(image.group(1)), image.group(2), read(body, LeaseCall.class));
        }
        Matcher run = RUN.matcher(path);
        if (!run.matches()) {
            return refuse(ErrorCode.NOT_FOUND);
        }
        long id = Long.parseLong(run.group(1));
        return switch (run.group(2)) {
            case "heartbeat" -> heartbeat(id, read(body, LeaseCall.class), wait);
            case "frames", "checkpoint" -> append(id, read(body, AppendFrames.class));
            case "complete" -> complete(id, read(body, CompleteRun.class));
            case "fail" -> fail(id, read(body, FailRun.class));
            case "release" -> release(id, read(body, LeaseCall.class));
            default -> refuse(ErrorCode.NOT_FOUND);
        };
    }

    private static <T> T read(byte[] body, Class<T> type) throws IOException {
        T value = Wire.JSON.readValue(body, type);
        if (value == null) {
            throw new IOException("null");
        }
        return value;
    }

    private Reply session(OpenWorkerSession proof) throws GeneralSecurityException {
        var base64 = Base64.getUrlDecoder();
        var key =
                KeyFactory.getInstance("Ed25519")
                        .generatePublic(new X509EncodedKeySpec(base64.decode(proof.publicKey())));
        var verifier = Signature.getInstance("Ed25519");
        verifier.initVerify(key);
        verifier.update(
                ("tendril worker session v1\n" + proof.nonce()).getBytes(StandardCharsets.UTF_8));
        if (!verifier.verify(base64.decode(proof.signature()))) {
            return refuse(ErrorCode.FORBIDDEN);
        }
        return with(() -> {
            if (pinnedKey != null && !pinnedKey.equals(proof.publicKey())) {
                return refuse(ErrorCode.FORBIDDEN);
            }
            pinnedKey = proof.publicKey();
            String jwt = UUID.randomUUID().toString();
            jwts.add(jwt);
            sessions.add(proof);
            drained = false;
            return new Reply(
                    200,
                    new WorkerSession(
                            jwt,
                            Instant.now().plusSeconds(sessionSeconds),
                            UUID.randomUUID(),
                            "main"));
        });
    }

    private Reply claim(ClaimRequest request, int waitSeconds) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        lock.lock();
        try {
            List<ClaimedRun> known = claims.get(request.claimKey());
            if (known != null) {
                return new Reply(200, new Claims(known));
            }
            while (ready.isEmpty()) {
                long left = until - System.nanoTime();
                if (left <= 0) {
                    return new Reply(204, null);
                }
                changed.awaitNanos(left);
            }
            List<ClaimedRun> taken = new ArrayList<>();
            while (!ready.isEmpty() && taken.size() < request.capacity()) {
                ClaimedRun run = ready.remove();
                Run taking = run(run.runId());
                taking.state = "running";
                taking.leaseUntil =
                        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(run.offerMs());
                taken.add(run);
            }
            claims.put(request.claimKey(), List.copyOf(taken));
            return new Reply(200, new Claims(taken));
        } finally {
            lock.unlock();
        }
    }

    private boolean holds(Run run, UUID token) {
        return run.state.equals("running")
                && run.claimed.leaseToken().equals(token)
                && System.nanoTime() - run.leaseUntil < 0;
    }

    private void renew(Run run) {
        run.leaseUntil = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(leaseMs);
    }

    private Reply heartbeat(long id, LeaseCall call, int waitSeconds) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(waitSeconds);
        lock.lock();
        try {
            Run run = run(id);
            if (!holds(run, call.leaseToken())) {
                return refuse(ErrorCode.LEASE_LOST);
            }
            renew(run);
            while (true) {
                if (!run.state.equals("running")) {
                    return refuse(ErrorCode.LEASE_LOST);
                }
                long left = until - System.nanoTime();
                if (left <= 0) {
                    return new Reply(200, new Renewed(leaseMs));
                }
                changed.awaitNanos(left);
            }
        } finally {
            lock.unlock();
        }
    }

    private Reply append(long id, AppendFrames batch) {
        return with(() -> {
            Run run = run(id);
            if (!holds(run, batch.leaseToken())) {
                return refuse(ErrorCode.LEASE_LOST);
            }
            renew(run);
            if (refuseFrames) {
                return refuse(ErrorCode.INVALID_TEXT);
            }
            if (batch.batch() < run.nextBatch) {
                return stored(run, true);
            }
            if (batch.batch() > run.nextBatch) {
                return refuse(ErrorCode.BATCH_GAP);
            }
            if (batch.frames().isEmpty() && batch.checkpoint() == null) {
                return refuse(ErrorCode.INVALID_REQUEST);
            }
            store(run, batch.frames());
            if (batch.checkpoint() != null) {
                run.checkpoints.add(batch.checkpoint());
            }
            return stored(run, false);
        });
    }

    private void store(Run run, List<Frame> frames) {
        run.nextBatch++;
        run.frames.addAll(frames);
        run.batchNanos.add(System.nanoTime());
        try {
            run.batchSizes.add(Wire.JSON.writeValueAsBytes(frames).length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Reply stored(Run run, boolean duplicate) {
        return new Reply(200, new Appended(duplicate, run.frames.size(), leaseMs, minFlushMs));
    }

    private Reply complete(long id, CompleteRun last) {
        lock.lock();
        try {
            Run run = run(id);
            boolean own = run.claimed.leaseToken().equals(last.leaseToken());
            if (own && run.state.equals("done")) {
                return stored(run, true);
            }
            if (!holds(run, last.leaseToken())) {
                return refuse(ErrorCode.LEASE_LOST);
            }
            store(run, last.frames());
            run.state = "done";
            changed.signalAll();
            return stored(run, false);
        } finally {
            lock.unlock();
        }
    }

    private Reply fail(long id, FailRun failure) {
        lock.lock();
        try {
            Run run = run(id);
            if (run.state.equals("failed")) {
                return new Reply(204, null);
            }
            if (!holds(run, failure.leaseToken())) {
                return refuse(ErrorCode.LEASE_LOST);
            }
            run.state = "failed";
            run.failure = failure;
            changed.signalAll();
            return new Reply(204, null);
        } finally {
            lock.unlock();
        }
    }

    /// The bytes of an image are its id's.
    private Reply image(long id, String image, LeaseCall call) {
        return with(() ->
                holds(run(id), call.leaseToken()) && !image.startsWith("dead")
                        ? new Reply(200, image.getBytes(StandardCharsets.UTF_8))
                        : refuse(ErrorCode.NOT_FOUND));
    }

    private Reply release(long id, LeaseCall call) {
        lock.lock();
        try {
            Run run = run(id);
            if (!holds(run, call.leaseToken())) {
                return refuse(ErrorCode.LEASE_LOST);
            }
            run.state = "released";
            changed.signalAll();
            return new Reply(204, null);
        } finally {
            lock.unlock();
        }
    }
}
