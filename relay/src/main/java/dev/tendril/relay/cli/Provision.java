package dev.tendril.relay.cli;

import dev.tendril.service.session.AccessCode;
import dev.tendril.service.session.CodeHash;
import dev.tendril.service.session.CodeStore;
import dev.tendril.service.worker.WorkerStore;
import dev.tendril.service.worker.WorkerToken;
import dev.tendril.service.workspace.WorkspaceStore;
import io.micronaut.context.annotation.Prototype;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// Makes a first workspace `home` with an access code and a worker token, in files `access-code`
/// and `worker-token` of mode 0600. What is there and still good stays: a file whose code or token
/// the database does not know, or knows as ended, is made anew.
@Prototype
final class Provision {

    static final String SITE = "home";

    private final WorkspaceStore workspaces;
    private final CodeStore codes;
    private final CodeHash hash;
    private final WorkerStore workers;
    private final SecureRandom random = new SecureRandom();

    Provision(WorkspaceStore workspaces, CodeStore codes, CodeHash hash, WorkerStore workers) {
        this.workspaces = workspaces;
        this.codes = codes;
        this.hash = hash;
        this.workers = workers;
    }

    /// Fills `directory`, the access code first.
    void into(Path directory) {
        House.makePrivate(directory);
        workspaces.insert(SITE, "Home", null);
        WorkspaceStore.Workspace home = workspaces.find(SITE);
        if (home == null) {
            throw new IllegalStateException("no workspace " + SITE);
        }
        Path code = directory.resolve("access-code");
        if (!codeIsGood(home, code)) {
            House.writePrivate(code, createCode(home, "first", null).text() + "\n");
        }
        Path token = directory.resolve("worker-token");
        if (!tokenIsGood(home, token)) {
            House.writePrivate(token, createToken(home, "first").text() + "\n");
        }
    }

    /// Stores a new access code.
    AccessCode createCode(
            WorkspaceStore.Workspace workspace, String label, @Nullable Instant expiresAt) {
        for (int attempt = 0; attempt < 20; attempt++) {
            AccessCode code = AccessCode.random(random);
            if (codes.insert(workspace.id(), code.publicId(), hash.of(code), label, expiresAt)) {
                return code;
            }
        }
        throw new RelayFailure("This site has too many access codes.");
    }

    /// Stores a new worker.
    WorkerToken createToken(WorkspaceStore.Workspace workspace, String name) {
        WorkerToken token = WorkerToken.random(random);
        workers.insert(workspace.id(), name, token);
        return token;
    }

    private boolean codeIsGood(WorkspaceStore.Workspace home, Path file) {
        if (!Files.exists(file)) {
            return false;
        }
        String text = DatabaseAddress.read(file);
        return codes.list(home.id()).stream()
                .anyMatch(code ->
                        code.revokedAt() == null
                                && code.expiresAt() == null
                                && text.startsWith(code.publicId() + "-"));
    }

    private boolean tokenIsGood(WorkspaceStore.Workspace home, Path file) {
        if (!Files.exists(file)) {
            return false;
        }
        String text = DatabaseAddress.read(file);
        return workers.list(home.id()).stream()
                .anyMatch(worker ->
                        worker.revokedAt() == null
                                && text.startsWith("tnd_wk_" + worker.tokenId() + "_"));
    }
}
