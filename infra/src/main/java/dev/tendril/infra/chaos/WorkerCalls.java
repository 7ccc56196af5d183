package dev.tendril.infra.chaos;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.contract.worker.WorkerNonce;
import dev.tendril.contract.worker.WorkerSession;
import dev.tendril.infra.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The worker's calls, bare: nothing here renews, repeats or keeps a promise.
final class WorkerCalls {
    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final String SELF = "/api/v1/workers/self/";

    private final HttpClient http;
    private final URI relay;
    private final String token;
    private final KeyPair keys;
    private String session = "";

    /// @param token as `relay token create` prints it; one key per token
    WorkerCalls(HttpClient http, URI relay, String token) {
        this.http = http;
        this.relay = relay;
        this.token = token;
        try {
            keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private WorkerCalls(HttpClient http, URI relay, String token, KeyPair keys) {
        this.http = http;
        this.relay = relay;
        this.token = token;
        this.keys = keys;
    }

    /// The same worker by another address.
    WorkerCalls at(URI address) {
        return new WorkerCalls(http, address, token, keys);
    }

    /// Proves the key; what follows is under the session that it gets.
    void open() throws IOException, InterruptedException {
        WorkerNonce nonce = read(post(SELF + "nonce", token, Map.of()), WorkerNonce.class);
        try {
            var signer = Signature.getInstance("Ed25519");
            signer.initSign(keys.getPrivate());
            signer.update(
                    ("tendril worker session v1\n" + nonce.nonce())
                            .getBytes(StandardCharsets.UTF_8));
            var base64 = Base64.getUrlEncoder().withoutPadding();
            // Plain, as a worker of another version may send it.
            var proof =
                    Map.of(
                            "publicKey",
                            base64.encodeToString(keys.getPublic().getEncoded()),
                            "nonce",
                            nonce.nonce(),
                            "signature",
                            base64.encodeToString(signer.sign()),
                            "model",
                            "rude",
                            "modelKind",
                            "llm",
                            "version",
                            "0");
            session = read(post(SELF + "session", token, proof), WorkerSession.class).token();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /// What the relay gives; empty for nothing.
    List<ClaimedRun> claim(UUID key, int capacity, int waitSeconds)
            throws IOException, InterruptedException {
        var answer =
                post(
                        "/api/v1/claims?wait=" + waitSeconds,
                        session,
                        Map.of("claimKey", key, "capacity", capacity, "pools", List.of("chat")));
        return answer.statusCode() == 204 ? List.of() : read(answer, Claims.class).runs();
    }

    HttpResponse<byte[]> append(long run, UUID lease, int batch, List<Frame> frames)
            throws IOException, InterruptedException {
        return call(run, "frames", new AppendFrames(lease, batch, frames, null));
    }

    HttpResponse<byte[]> append(long run, AppendFrames body)
            throws IOException, InterruptedException {
        return call(run, "checkpoint", body);
    }

    HttpResponse<byte[]> complete(long run, UUID lease, int batch, List<Frame> frames)
            throws IOException, InterruptedException {
        return call(run, "complete", new CompleteRun(lease, batch, frames));
    }

    HttpResponse<byte[]> fail(long run, UUID lease) throws IOException, InterruptedException {
        return call(run, "fail", new FailRun(lease, "model_unavailable", "Gone for good.", true));
    }

    HttpResponse<byte[]> release(long run, UUID lease) throws IOException, InterruptedException {
        return call(run, "release", new LeaseCall(lease));
    }

    HttpResponse<byte[]> heartbeat(long run, UUID lease) throws IOException, InterruptedException {
        return call(run, "heartbeat?wait=0", new LeaseCall(lease));
    }

    private HttpResponse<byte[]> call(long run, String call, Object body)
            throws IOException, InterruptedException {
        return post("/api/v1/runs/" + run + "/" + call, session, body);
    }

    private HttpResponse<byte[]> post(String path, String bearer, Object body)
            throws IOException, InterruptedException {
        return http.send(
                HttpRequest.newBuilder(relay.resolve(path))
                        .timeout(LIMIT)
                        .header("authorization", "Bearer " + bearer)
                        .header("content-type", "application/json")
                        .POST(BodyPublishers.ofByteArray(Json.bytes(body)))
                        .build(),
                BodyHandlers.ofByteArray());
    }

    private static <T> T read(HttpResponse<byte[]> answer, Class<T> type) throws IOException {
        if (answer.statusCode() != 200 && answer.statusCode() != 201) {
            throw new IOException(
                    answer.uri().getPath()
                            + " gave "
                            + answer.statusCode()
                            + ": "
                            + new String(answer.body(), StandardCharsets.UTF_8));
        }
        return Json.read(answer.body(), type);
    }
}
