package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.infra.house.House;
import dev.tendril.infra.json.Json;
import dev.tendril.infra.visitor.Answer;
import dev.tendril.infra.visitor.Visitor;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// Bad input, wrong codes, other people's chats, and what must never be in a log.
@ResourceLock(Scene.LOCK)
final class RefusalIT {

    private static final String EXPIRED_TWIN =
            """
            insert into access_code (workspace_id, public_id, secret_hash, expires_at)
            select workspace_id, 'ZZZZ', secret_hash, now() - interval '1 minute'
            from access_code limit 1
            """;

    private final Scene scene = Scene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void messagesThatCannotBeStoredAreRefused() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String path = "/api/v1/chats/" + chat + "/messages";

        assertProblem(422, "message_empty", visitor.post(chat, "a", ""));
        assertProblem(413, "too_large", visitor.post(chat, "a", "x".repeat(4_001)));
        assertProblem(413, "too_large", visitor.post(chat, "a", "🌱".repeat(4_001)));
        assertProblem(413, "too_large", visitor.post(chat, "a", "x".repeat(1_000_000)));
        assertProblem(422, "invalid_text", visitor.post(chat, "a", "nul \0 here"));
        assertProblem(422, "invalid_text", visitor.call("POST", path, message("\\ud800 alone")));
        assertProblem(422, "invalid_text", visitor.call("POST", path, message("\\udc00\\ud800")));
        assertProblem(400, "invalid_request", visitor.call("POST", path, "{\"id\":"));
        assertProblem(400, "invalid_request", visitor.call("POST", path, "[]"));
        assertProblem(400, "invalid_request", visitor.call("POST", path, "{}"));
        assertProblem(400, "invalid_request", visitor.post(chat, "bad id!", "x"));
        assertProblem(400, "invalid_request", visitor.post(chat, "", "x"));
        assertProblem(404, "not_found", visitor.post(UUID.randomUUID(), "a", "nobody's chat"));
        assertEquals(List.of(), visitor.messages(chat));

        Accepted longest = visitor.say(chat, "y".repeat(4_000));
        scene.assertAnswered(visitor, chat, longest, visitor.read(chat).answer("0", Scene.SOON));
        Accepted widest = visitor.say(chat, "🌱".repeat(4_000));
        scene.assertAnswered(
                visitor, chat, widest, visitor.read(chat).answer(widest.cursor(), Scene.SOON));
    }

    @Test
    void somebodyElsesChatDoesNotExist() throws Exception {
        Visitor owner = scene.visitor();
        UUID chat = owner.openChat();
        Visitor other = scene.visitor();
        String path = "/api/v1/chats/" + chat;
        String unknown = "/api/v1/chats/" + UUID.randomUUID();
        for (String call :
                List.of(
                        "GET ",
                        "GET /messages",
                        "GET /stream?after=0",
                        "POST /stop",
                        "POST /retry")) {
            String method = call.substring(0, call.indexOf(' '));
            String rest = call.substring(call.indexOf(' ') + 1);
            String body = method.equals("POST") ? "{}" : null;
            HttpResponse<byte[]> theirs = other.call(method, path + rest, body);
            HttpResponse<byte[]> nobodys = other.call(method, unknown + rest, body);
            assertProblem(404, "not_found", theirs);
            assertEquals(withoutRequestId(nobodys), withoutRequestId(theirs), call);
        }
        assertProblem(404, "not_found", other.post(chat, "x", "let me in"));
        assertFalse(
                new String(other.call("GET", "/api/v1/chats", null).body(), StandardCharsets.UTF_8)
                        .contains(chat.toString()));
    }

    @Test
    void everyRefusedCodeLooksTheSame() throws Exception {
        String code = scene.house.accessCode();
        try (var connection = DriverManager.getConnection(scene.house.database().jdbcUrl());
                var statement = connection.createStatement()) {
            statement.execute(EXPIRED_TWIN);
        }
        var answers = new ArrayList<String>();
        for (String wrong :
                List.of(
                        "",
                        " ",
                        "nonsense",
                        code.substring(0, 4) + "-AAAAA-AAAAA-AAAAA",
                        "AAAA-AAAAA-AAAAA-AAAAA",
                        "ZZZZ" + code.substring(4),
                        "x".repeat(500))) {
            answers.add(refused(House.SITE, wrong));
        }
        answers.add(refused("no-such-site", code));
        answers.add(refused("", code));
        assertEquals(1, answers.stream().distinct().count(), answers::toString);
        assertTrue(answers.getFirst().contains("invalid_code"));
    }

    @Test
    void noSecretAndNoMessageIsInALog() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String canary = "canary" + UUID.randomUUID().toString().replace("-", "");
        Accepted accepted = visitor.say(chat, "tell nobody: " + canary);
        Answer answer = visitor.read(chat).answer("0", Scene.SOON);
        scene.assertAnswered(visitor, chat, accepted, answer);
        assertTrue(answer.text().contains(canary));
        visitor.post(chat, "z", canary + "\0");
        Visitor failing = scene.visitor();
        UUID failed = failing.openChat();
        failing.say(failed, canary + " [stub fault=error_mid_stream after=2]");
        failing.read(failed).answer("0", Scene.LEASE);

        String code = scene.house.accessCode();
        String logs = scene.house.logs();

        for (String secret :
                List.of(
                        canary,
                        code,
                        code.replace("-", ""),
                        code.substring(5),
                        scene.house.workerToken(),
                        visitor.grant().token(),
                        visitor.grant().refresh(),
                        "eyJ",
                        scene.house.database().password())) {
            assertFalse(logs.contains(secret), () -> "in a log: " + lineWith(logs, secret));
        }
    }

    private static String lineWith(String logs, String secret) {
        return logs.lines().filter(l -> l.contains(secret)).findFirst().orElse("");
    }

    private String refused(String site, String code) throws Exception {
        byte[] body = Json.bytes(Map.of("site", site, "code", code));
        HttpResponse<byte[]> answer =
                scene.house
                        .http()
                        .send(
                                HttpRequest.newBuilder(
                                                URI.create(scene.relay.url() + "/api/v1/sessions"))
                                        .header("content-type", "application/json")
                                        .POST(BodyPublishers.ofByteArray(body))
                                        .build(),
                                BodyHandlers.ofByteArray());
        assertEquals(401, answer.statusCode(), () -> "for code '" + code + "'");
        return withoutRequestId(answer) + answer.headers().map().keySet();
    }

    private static String message(String jsonText) {
        return "{\"id\":\"a\",\"parts\":[{\"type\":\"text\",\"text\":\"" + jsonText + "\"}]}";
    }

    private static void assertProblem(int status, String code, HttpResponse<byte[]> answer)
            throws Exception {
        String body = new String(answer.body(), StandardCharsets.UTF_8);
        assertEquals(status, answer.statusCode(), body);
        assertTrue(
                answer.headers()
                        .firstValue("content-type")
                        .orElse("")
                        .startsWith("application/problem+json"),
                body);
        var problem = Json.read(answer.body(), Map.class);
        assertEquals(code, problem.get("code"));
        assertEquals(
                answer.headers().firstValue("x-request-id").orElseThrow(),
                problem.get("requestId"));
    }

    private static String withoutRequestId(HttpResponse<byte[]> answer) {
        return new String(answer.body(), StandardCharsets.UTF_8)
                .replaceAll("\"requestId\":\"[^\"]*\"", "");
    }
}
