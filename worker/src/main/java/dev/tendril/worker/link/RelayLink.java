package dev.tendril.worker.link;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.problem.Problem;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.ClaimRequest;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.contract.run.Renewed;
import dev.tendril.contract.terminal.TerminalReport;
import io.micronaut.json.JsonMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// The worker's calls to the relay. Every method blocks, may be called from any thread and can be
/// interrupted, which closes its connection. Repeating is the caller's business, because only the
/// caller knows how long it makes sense.
public final class RelayLink {
    /// A call that does not wait on purpose is answered in this time or counts as unanswered.
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(10);

    /// Statuses that say "not now" or leave the outcome open.
    private static final Set<Integer> AGAIN = Set.of(408, 425, 429, 500, 502, 503, 504);

    private static final long MAX_ANSWER_BYTES = 32L * 1024 * 1024;

    private final URI relay;
    private final HttpClient http;
    private final JsonMapper json;
    private final RelaySession session;

    /// @param relay where the relay is, e.g. `https://chat.example.org`
    /// @param http for all calls
    /// @param json knows the contract's records
    /// @param credentials opens sessions
    public RelayLink(URI relay, HttpClient http, JsonMapper json, Credentials credentials) {
        this.relay = URI.create(relay.toString().replaceFirst("/+$", ""));
        this.http = http;
        this.json = json;
        this.session = new RelaySession(this, credentials);
    }

    /// Opens a session if there is none: the first sign that relay, token and key fit.
    ///
    /// @return the slug of the workspace that this worker serves
    public String connect() throws RelayAway, CallRefused, InterruptedException {
        return session.current().workspace();
    }

    /// What opens a [DeviceLink]: a session, of the worker's token and the proof of its key.
    public LinkPass pass() throws RelayAway, CallRefused, InterruptedException {
        RelaySession.Grant grant = session.current();
        return new LinkPass(grant.bearer(), grant.workspace(), grant.workerId().toString());
    }

    /// Forgets the session, so that the next call announces the model anew.
    public void announceAgain() {
        session.forget();
    }

    /// Long-poll for work; the empty list after `wait`.
    ///
    /// @param wait 0 to 25 s
    public List<ClaimedRun> claim(ClaimRequest request, Duration wait)
            throws RelayAway, CallRefused, InterruptedException {
        String path = "/api/v1/claims?wait=" + wait.toSeconds();
        try {
            Claims claims = call(path, request, Claims.class, wait.plus(CALL_TIMEOUT));
            return claims == null ? List.of() : claims.runs();
        } catch (LeaseLost e) {
            throw new IllegalStateException("a claim has no lease", e);
        }
    }

    /// Appends one batch.
    public Appended append(long runId, AppendFrames batch)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        String call = batch.checkpoint() == null ? "frames" : "checkpoint";
        return answer(call(run(runId, call), batch, Appended.class, CALL_TIMEOUT));
    }

    /// Ends a run that succeeded.
    public Appended complete(long runId, CompleteRun last)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        return answer(call(run(runId, "complete"), last, Appended.class, CALL_TIMEOUT));
    }

    /// Ends a run that failed.
    public void fail(long runId, FailRun failure)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        call(run(runId, "fail"), failure, Void.class, CALL_TIMEOUT);
    }

    /// The bytes of an image that a visitor sent in the run's chat.
    ///
    /// @param url of its part
    /// @throws CallRefused also when it is gone, or the run is no longer this worker's
    public byte[] image(long runId, LeaseCall lease, String url)
            throws RelayAway, CallRefused, InterruptedException {
        String id = url.substring(url.lastIndexOf('/') + 1);
        if (!id.matches("[0-9a-f-]{36}")) {
            throw new CallRefused(404, "not_found", "the url names no image of the relay's");
        }
        String path = run(runId, "attachments/" + id);
        HttpResponse<byte[]> response =
                exchange(request(path, session.current().bearer(), lease), CALL_TIMEOUT);
        if (response.statusCode() != 200) {
            try {
                refuse(path, response);
            } catch (LeaseLost e) {
                throw new IllegalStateException("an image has no lease of its own", e);
            }
        }
        return response.body();
    }

    /// Gives a run back.
    public void release(long runId, LeaseCall lease)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        call(run(runId, "release"), lease, Void.class, CALL_TIMEOUT);
    }

    /// Renews a lease, then waits for a sign that it was lost.
    ///
    /// @param wait 0 to 10 s
    /// @param patience how much later than that the answer may come
    public Renewed heartbeat(long runId, LeaseCall lease, Duration wait, Duration patience)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        String path = run(runId, "heartbeat") + "?wait=" + wait.toSeconds();
        return answer(call(path, lease, Renewed.class, wait.plus(patience)));
    }

    /// No new claims for this worker until its next session.
    public void drain() throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        call("/api/v1/workers/self/drain", Map.of(), Void.class, Duration.ofSeconds(2));
    }

    /// Tells which terminal sessions there are.
    public void terminals(TerminalReport report)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        call("/api/v1/workers/self/terminals", report, Void.class, CALL_TIMEOUT);
    }

    private static String run(long runId, String call) {
        return "/api/v1/runs/" + runId + "/" + call;
    }

    private static <T> T answer(@Nullable T value) throws RelayAway {
        if (value == null) {
            throw new RelayAway("the relay's answer was empty", Duration.ZERO, null);
        }
        return value;
    }

    private <T> @Nullable T call(String path, Object body, Class<T> type, Duration timeout)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        RelaySession.Grant grant = session.current();
        try {
            return send(path, grant.bearer(), body, type, timeout);
        } catch (CallRefused e) {
            if (e.status() != 401) {
                throw e;
            }
            session.forget(grant);
            return send(path, session.current().bearer(), body, type, timeout);
        }
    }

    /// One call with the given `Authorization`; null for an answer without a body.
    <T> @Nullable T send(String path, String bearer, Object body, Class<T> type, Duration timeout)
            throws RelayAway, LeaseLost, CallRefused, InterruptedException {
        HttpResponse<byte[]> response = exchange(request(path, bearer, body), timeout);
        int status = response.statusCode();
        if (status == 204 || (status == 200 && type == Void.class)) {
            return null;
        }
        if (status != 200) {
            refuse(path, response);
        }
        try {
            return json.readValue(response.body(), type);
        } catch (IOException e) {
            throw new RelayAway("the relay's answer is unreadable", Duration.ZERO, e);
        }
    }

    private HttpRequest request(String path, String bearer, Object body) {
        try {
            return HttpRequest.newBuilder(URI.create(relay + path))
                    .header("Authorization", bearer)
                    .header("Content-Type", "application/json")
                    .header("Accept", "application/json, application/problem+json")
                    .POST(BodyPublishers.ofByteArray(json.writeValueAsBytes(body)))
                    .build();
        } catch (IOException e) {
            throw new IllegalStateException("a contract record did not become JSON", e);
        }
    }

    private HttpResponse<byte[]> exchange(HttpRequest request, Duration timeout)
            throws RelayAway, InterruptedException {
        CompletableFuture<HttpResponse<byte[]>> future =
                http.sendAsync(
                        request,
                        BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER_BYTES));
        try {
            return future.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new RelayAway(
                    "the relay did not answer within " + timeout.toSeconds() + " s",
                    Duration.ZERO,
                    null);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() == null ? e : e.getCause();
            throw new RelayAway(reason(cause), Duration.ZERO, cause);
        } finally {
            future.cancel(true);
        }
    }

    private static String reason(Throwable cause) {
        String message = cause.getMessage();
        return "the relay cannot be reached ("
                + cause.getClass().getSimpleName()
                + (message == null ? "" : ": " + message)
                + ")";
    }

    private void refuse(String path, HttpResponse<byte[]> response)
            throws RelayAway, LeaseLost, CallRefused {
        int status = response.statusCode();
        Problem problem = readProblem(response.body());
        String code = problem == null ? "" : problem.code();
        if (status == 409 && code.equals(ErrorCode.LEASE_LOST.wire())) {
            throw new LeaseLost("the relay says that the lease is gone");
        }
        String what = problem == null ? "" : " " + code + sentence(problem);
        String said =
                "the relay answered " + status + what + " to " + path.replaceFirst("\\?.*", "");
        if (AGAIN.contains(status)) {
            throw new RelayAway(said, retryAfter(response), null);
        }
        throw new CallRefused(status, code, said);
    }

    private static String sentence(Problem problem) {
        String detail = problem.detail() == null ? problem.title() : problem.detail();
        return " (" + detail + ")";
    }

    private @Nullable Problem readProblem(byte[] body) {
        try {
            return json.readValue(body, Problem.class);
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private static Duration retryAfter(HttpResponse<?> response) {
        String seconds = response.headers().firstValue("Retry-After").orElse("");
        return seconds.matches("[0-9]{1,4}")
                ? Duration.ofSeconds(Math.min(60, Integer.parseInt(seconds)))
                : Duration.ZERO;
    }
}
