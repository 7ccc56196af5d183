package dev.tendril.relay.stage;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.MessagePage;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.http.Calls;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import java.net.URI;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/// One workspace of a relay under test.
public final class Stage {

    private final Calls calls;
    private final URI uri;
    private final Tokens tokens;
    private final DataSource database;
    private final UUID workspace;

    /// @param slug of the workspace that is made
    public Stage(EmbeddedServer server, Tokens tokens, DataSource database, String slug) {
        this(new Calls(server.getURI()), server.getURI(), tokens, database, slug);
    }

    /// Another workspace at the same relay.
    public Stage(Stage same, String slug) {
        this(same.calls, same.uri, same.tokens, same.database, slug);
    }

    private Stage(Calls calls, URI uri, Tokens tokens, DataSource database, String slug) {
        this.calls = calls;
        this.uri = uri;
        this.tokens = tokens;
        this.database = database;
        this.workspace =
                UUID.fromString(
                        sql(
                                "insert into workspace (slug, title) values ('"
                                        + slug
                                        + "', 'Stage') returning id"));
    }

    private Stage(Stage same, EmbeddedServer server) {
        this.calls = new Calls(server.getURI());
        this.uri = server.getURI();
        this.tokens = same.tokens;
        this.database = same.database;
        this.workspace = same.workspace;
    }

    /// The same workspace at another relay over the same database.
    public Stage beside(EmbeddedServer server) {
        return new Stage(this, server);
    }

    /// The relay's address.
    public URI uri() {
        return uri;
    }

    /// This workspace.
    public UUID workspace() {
        return workspace;
    }

    /// A signed-in visitor.
    public VisitorRole visitor() {
        String code =
                sql(
                        """
                        insert into access_code (workspace_id, public_id, secret_hash)
                        values ('%s', substr(upper(translate(md5(random()::text), 'iloua', '')), 1, 4), 'x')
                        on conflict do nothing returning id
                        """
                                .formatted(workspace));
        UUID session =
                UUID.fromString(
                        sql(
                                """
                                insert into visitor_session (workspace_id, access_code_id, generation, refresh_hash, expires_at)
                                values ('%s', '%s', 1, uuid_send(gen_random_uuid()), now() + interval '12 h') returning id
                                """
                                        .formatted(workspace, code)));
        return new VisitorRole(session, token(Tokens.Kind.VISITOR, session));
    }

    /// A signed-in worker.
    public WorkerRole worker() {
        UUID worker =
                UUID.fromString(
                        sql(
                                """
                                insert into worker (workspace_id, name, token_id, token_hash, model, model_kind, last_seen_at)
                                values ('%s', 'w', gen_random_uuid()::text, uuid_send(gen_random_uuid()), 'stub', 'llm', now()) returning id
                                """
                                        .formatted(workspace)));
        return new WorkerRole(worker, token(Tokens.Kind.WORKER, worker));
    }

    /// First column of the first row, as text.
    public String sql(String statement) {
        try (var connection = database.getConnection();
                var prepared = connection.prepareStatement(statement)) {
            if (!prepared.execute()) {
                return Integer.toString(prepared.getUpdateCount());
            }
            try (var rows = prepared.getResultSet()) {
                return rows.next() ? String.valueOf(rows.getString(1)) : "";
            }
        } catch (SQLException e) {
            throw new IllegalStateException(statement, e);
        }
    }

    /// Waits until something holds; fails after `most`.
    public static void await(String what, Duration most, BooleanSupplier condition) {
        long deadline = System.nanoTime() + most.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within " + most + ": " + what);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(5_000_000);
        }
    }

    private String token(Tokens.Kind kind, UUID subject) {
        return tokens.issue(kind, workspace, subject, Instant.MAX).token();
    }

    /// A visitor's calls.
    public final class VisitorRole {
        private final UUID session;
        private final String token;

        VisitorRole(UUID session, String token) {
            this.session = session;
            this.token = token;
        }

        /// The session's id.
        public UUID session() {
            return session;
        }

        /// The bearer token.
        public String token() {
            return token;
        }

        /// Any GET.
        public Answer get(String path) {
            return calls.get(path, "Authorization", "Bearer " + token);
        }

        /// Any POST.
        public Answer post(String path, String body) {
            return calls.post(path, body, "Authorization", "Bearer " + token);
        }

        /// Any DELETE.
        public Answer delete(String path) {
            return calls.delete(path, "Authorization", "Bearer " + token);
        }

        /// A new chat's id.
        public UUID chat() {
            Answer answer = post("/api/v1/chats", "{}");
            return ok(201, answer).as(Chat.class).id();
        }

        /// The chat.
        public Chat chat(UUID id) {
            return ok(200, get("/api/v1/chats/" + id)).as(Chat.class);
        }

        /// Sends a message.
        public Answer say(UUID chat, String id, String text) {
            return post(
                    "/api/v1/chats/" + chat + "/messages",
                    "{\"id\":\"%s\",\"parts\":[{\"type\":\"text\",\"text\":\"%s\"}]}"
                            .formatted(id, text));
        }

        /// Sends a message that must be accepted.
        public Accepted said(UUID chat, String id, String text) {
            return ok(202, say(chat, id, text)).as(Accepted.class);
        }

        /// The history.
        public List<ChatMessage> messages(UUID chat) {
            return ok(200, get("/api/v1/chats/" + chat + "/messages"))
                    .as(MessagePage.class)
                    .messages();
        }

        /// Opens the stream.
        ///
        /// @param after cursor; null for none
        public RawStream stream(UUID chat, @Nullable String after) {
            return RawStream.open(uri, chat, token, after);
        }
    }

    /// A worker's calls.
    public final class WorkerRole {
        private final UUID id;
        private final String token;

        WorkerRole(UUID id, String token) {
            this.id = id;
            this.token = token;
        }

        /// The worker's id.
        public UUID id() {
            return id;
        }

        /// The bearer token.
        public String token() {
            return token;
        }

        /// Any POST.
        public Answer post(String path, String body) {
            return calls.post(path, body, "Authorization", "Bearer " + token);
        }

        /// Asks for work.
        public Answer claim(UUID key, int capacity, int waitSeconds) {
            return post(
                    "/api/v1/claims?wait=" + waitSeconds,
                    "{\"claimKey\":\"%s\",\"capacity\":%d,\"pools\":[\"chat\"]}"
                            .formatted(key, capacity));
        }

        /// Takes one run, which must come within 10 s.
        public ClaimedRun claimed() {
            return ok(200, claim(UUID.randomUUID(), 1, 10)).as(Claims.class).runs().getFirst();
        }

        /// Appends frames.
        public Answer frames(ClaimedRun run, int batch, String... frames) {
            return post("/api/v1/runs/" + run.runId() + "/frames", batch(run, batch, frames));
        }

        /// Ends a run.
        public Answer complete(ClaimedRun run, int batch, String... frames) {
            return post("/api/v1/runs/" + run.runId() + "/complete", batch(run, batch, frames));
        }

        /// Any other call on a run, with its lease token and more fields.
        public Answer call(ClaimedRun run, String what, String more) {
            return post(
                    "/api/v1/runs/" + run.runId() + "/" + what,
                    "{\"leaseToken\":\"" + run.leaseToken() + "\"" + more + "}");
        }

        /// Answers a whole run with one text.
        public void answer(ClaimedRun run, String text) {
            String id = "a" + run.attempt() + "t1";
            ok(
                    200,
                    frames(
                            run,
                            1,
                            Frames.start(run),
                            Frames.STEP,
                            Frames.textStart(id),
                            Frames.delta(id, text)));
            ok(200, complete(run, 2, Frames.textEnd(id), Frames.STEP_END, Frames.FINISH));
        }

        private String batch(ClaimedRun run, int batch, String... frames) {
            return "{\"leaseToken\":\"%s\",\"batch\":%d,\"frames\":[%s]}"
                    .formatted(run.leaseToken(), batch, String.join(",", frames));
        }
    }

    /// The answer, which must have this status.
    public static Answer ok(int status, Answer answer) {
        if (answer.status() != status) {
            throw new AssertionError(answer.status() + " " + answer.body());
        }
        return answer;
    }
}
