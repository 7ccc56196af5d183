package dev.tendril.service.worker;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.worker.OpenWorkerSession;
import dev.tendril.contract.worker.WorkerNonce;
import dev.tendril.contract.worker.WorkerSession;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.run.TakeOver;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Header;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import java.security.MessageDigest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A worker proves who it is, and says when it leaves.
@Controller("/api/v1/workers/self")
@ExecuteOn(TaskExecutors.BLOCKING)
final class WorkerController {

    private static final Logger LOG = LoggerFactory.getLogger(WorkerController.class);
    private static final String BEARER = "Bearer ";
    private static final int LONGEST_NAME = 200;

    private final WorkerStore workers;
    private final Tokens tokens;
    private final TakeOver takeOver;

    WorkerController(WorkerStore workers, Tokens tokens, TakeOver takeOver) {
        this.workers = workers;
        this.tokens = tokens;
        this.takeOver = takeOver;
    }

    @Post("/nonce")
    @Secured(SecurityRule.IS_ANONYMOUS)
    WorkerNonce nonce(@Nullable @Header("Authorization") String authorization) {
        WorkerStore.Found worker = byToken(authorization);
        Tokens.Issued nonce =
                tokens.issue(
                        Tokens.Kind.WORKER_NONCE, worker.workspaceId(), worker.id(), Instant.MAX);
        return new WorkerNonce(nonce.token(), nonce.expiresAt());
    }

    @Post("/session")
    @Secured(SecurityRule.IS_ANONYMOUS)
    WorkerSession open(
            @Nullable @Header("Authorization") String authorization,
            @Body OpenWorkerSession request) {
        WorkerStore.Found worker = byToken(authorization);
        WorkerStore.Introduction says = introduction(request);
        Tokens.Claims nonce = tokens.verify(Tokens.Kind.WORKER_NONCE, request.nonce());
        if (nonce == null || !nonce.subject().equals(worker.id())) {
            throw refused(worker, "nonce");
        }
        byte[] key = KeyProof.verify(request.publicKey(), request.nonce(), request.signature());
        if (key == null) {
            throw refused(worker, "signature");
        }
        String workspace = workers.proven(worker.id(), key, says, nonce.issuedAt());
        if (workspace == null) {
            throw refused(worker, "other key, used nonce or replaced process");
        }
        if (request.instance() != null) {
            takeOver.from(worker.workspaceId(), worker.id(), request.instance());
        }
        Tokens.Issued token =
                tokens.issue(Tokens.Kind.WORKER, worker.workspaceId(), worker.id(), Instant.MAX);
        LOG.atInfo()
                .addKeyValue("event.action", "worker_connected")
                .addKeyValue("worker.id", worker.id())
                .log("worker session opened");
        return new WorkerSession(token.token(), token.expiresAt(), worker.id(), workspace);
    }

    @Post("/drain")
    @Status(HttpStatus.NO_CONTENT)
    @Secured(WorkerIdentity.ROLE)
    void drain(WorkerIdentity worker) {
        workers.drain(worker.workspaceId(), worker.workerId());
    }

    private WorkerStore.Found byToken(@Nullable String authorization) {
        WorkerToken token =
                authorization != null && authorization.startsWith(BEARER)
                        ? WorkerToken.parse(authorization.substring(BEARER.length()))
                        : null;
        WorkerStore.Found worker = token == null ? null : workers.find(token.id());
        if (token == null
                || worker == null
                || !MessageDigest.isEqual(worker.tokenHash(), token.hash())) {
            LOG.atInfo().addKeyValue("event.action", "worker_auth_fail").log("token refused");
            throw ProblemException.of(ErrorCode.UNAUTHORIZED);
        }
        return worker;
    }

    private static WorkerStore.Introduction introduction(OpenWorkerSession request) {
        if (request.publicKey() == null
                || request.nonce() == null
                || request.signature() == null
                || !named(request.model())
                || !named(request.version())
                || !("llm".equals(request.modelKind()) || "guide".equals(request.modelKind()))) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST,
                    "Send publicKey, nonce, signature, model, modelKind (llm or guide) and version.");
        }
        return new WorkerStore.Introduction(
                request.model(), request.modelKind(), request.version(), request.instance());
    }

    private static boolean named(@Nullable String name) {
        return name != null
                && !name.isBlank()
                && name.length() <= LONGEST_NAME
                && name.chars().noneMatch(Character::isISOControl);
    }

    private static ProblemException refused(WorkerStore.Found worker, String reason) {
        LOG.atWarn()
                .addKeyValue("event.action", "worker_auth_fail")
                .addKeyValue("worker.id", worker.id())
                .addKeyValue("reason", reason)
                .log("worker refused");
        return ProblemException.of(ErrorCode.UNAUTHORIZED);
    }
}
