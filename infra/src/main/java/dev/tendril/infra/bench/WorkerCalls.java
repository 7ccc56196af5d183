package dev.tendril.infra.bench;

import dev.tendril.contract.run.ClaimRequest;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.contract.worker.OpenWorkerSession;
import dev.tendril.contract.worker.WorkerNonce;
import dev.tendril.contract.worker.WorkerSession;
import dev.tendril.infra.json.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.Base64;
import java.util.List;
import java.util.UUID;

/// A worker that only calls: it thinks nothing.
///
/// @param session its bearer token and id
record WorkerCalls(URI relay, WorkerSession session) {
    private static final String LABEL = "tendril worker session v1\n";
    private static final List<String> POOLS = List.of("chat");

    /// Opens a session with a key of its own.
    static WorkerCalls enter(URI relay, String token) throws IOException, GeneralSecurityException {
        try (var wire = new Wire(relay, token)) {
            var nonce =
                    read(
                            wire.post("/api/v1/workers/self/nonce", "{}").expect(200),
                            WorkerNonce.class);
            KeyPair key = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
            Signature signature = Signature.getInstance("Ed25519");
            signature.initSign(key.getPrivate());
            signature.update((LABEL + nonce.nonce()).getBytes(StandardCharsets.UTF_8));
            var base64 = Base64.getUrlEncoder().withoutPadding();
            var open =
                    new OpenWorkerSession(
                            base64.encodeToString(key.getPublic().getEncoded()),
                            nonce.nonce(),
                            base64.encodeToString(signature.sign()),
                            "bench",
                            "llm",
                            "0",
                            null);
            return new WorkerCalls(
                    relay,
                    read(
                            wire.post("/api/v1/workers/self/session", text(open)).expect(200),
                            WorkerSession.class));
        }
    }

    /// A connection with the session's token.
    Wire wire() throws IOException {
        return new Wire(relay, session.token());
    }

    /// Asks for one run; empty when none came in time.
    static List<ClaimedRun> claim(Wire wire, int waitSeconds) throws IOException {
        var asked = new ClaimRequest(UUID.randomUUID(), 1, POOLS, null, null);
        Wire.Answer answer = wire.post("/api/v1/claims?wait=" + waitSeconds, text(asked));
        return answer.status() == 204 ? List.of() : read(answer.expect(200), Claims.class).runs();
    }

    /// Ends a run that nothing was written of.
    static void complete(Wire wire, ClaimedRun run) throws IOException {
        wire.post(
                        "/api/v1/runs/" + run.runId() + "/complete",
                        "{\"leaseToken\":\"%s\",\"batch\":1,\"frames\":[{\"type\":\"start\",\"messageId\":\"%s\"},{\"type\":\"finish\",\"messageMetadata\":{}}]}"
                                .formatted(run.leaseToken(), run.answerId()))
                .expect(200);
    }

    private static <T> T read(Wire.Answer answer, Class<T> type) throws IOException {
        return Json.read(answer.body().getBytes(StandardCharsets.UTF_8), type);
    }

    private static String text(Object value) {
        return new String(Json.bytes(value), StandardCharsets.UTF_8);
    }
}
