package dev.tendril.infra.visitor;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.contract.chat.Chat;
import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.MessagePage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.chat.PostMessage;
import dev.tendril.contract.chat.Stopped;
import dev.tendril.contract.session.OpenSession;
import dev.tendril.contract.session.SessionGrant;
import dev.tendril.infra.json.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One visitor with a session. Calls throw when the relay answers other than expected; [#call]
/// gives the bare answer for tests of refusals.
public final class Visitor {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final HttpClient http;
    private final URI relay;
    private final SessionGrant grant;
    private final Duration limit;

    private Visitor(HttpClient http, URI relay, SessionGrant grant, Duration limit) {
        this.http = http;
        this.relay = relay;
        this.grant = grant;
        this.limit = limit;
    }

    /// A client as visitors should use it.
    public static HttpClient client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .build();
    }

    /// Opens a session by access code.
    public static Visitor enter(HttpClient http, URI relay, String site, String code)
            throws IOException, InterruptedException {
        byte[] body = Json.bytes(new OpenSession(site, code));
        var answer =
                http.send(
                        HttpRequest.newBuilder(relay.resolve("/api/v1/sessions"))
                                .timeout(LIMIT)
                                .header("content-type", "application/json")
                                .POST(BodyPublishers.ofByteArray(body))
                                .build(),
                        BodyHandlers.ofByteArray());
        return new Visitor(http, relay, read(answer, 201, SessionGrant.class), LIMIT);
    }

    /// The same visitor by another address of the relay: a proxy, another replica.
    public Visitor at(URI address) {
        return new Visitor(http, address, grant, limit);
    }

    /// The same visitor, who waits for each answer this long and no longer.
    public Visitor patient(Duration most) {
        return new Visitor(http, relay, grant, most);
    }

    /// What the relay granted.
    public SessionGrant grant() {
        return grant;
    }

    /// Opens a chat.
    public UUID openChat() throws IOException, InterruptedException {
        return read(call("POST", "/api/v1/chats", "{}"), 201, Chat.class).id();
    }

    /// State of a chat.
    public Chat chat(UUID chat) throws IOException, InterruptedException {
        return read(call("GET", "/api/v1/chats/" + chat, null), 200, Chat.class);
    }

    /// Posts a message with a fresh id.
    public Accepted say(UUID chat, String text) throws IOException, InterruptedException {
        return say(chat, UUID.randomUUID().toString(), text);
    }

    /// Posts a message.
    public Accepted say(UUID chat, String id, String text)
            throws IOException, InterruptedException {
        return read(post(chat, id, text), 202, Accepted.class);
    }

    /// Posts a message and gives the bare answer.
    public HttpResponse<byte[]> post(UUID chat, String id, String text)
            throws IOException, InterruptedException {
        byte[] body = Json.bytes(new PostMessage(id, List.of(new Part.Text(text))));
        return call(
                "POST",
                "/api/v1/chats/" + chat + "/messages",
                new String(body, StandardCharsets.UTF_8));
    }

    /// The finished messages, oldest first, at most 100.
    public List<ChatMessage> messages(UUID chat) throws IOException, InterruptedException {
        return read(
                        call("GET", "/api/v1/chats/" + chat + "/messages?limit=100", null),
                        200,
                        MessagePage.class)
                .messages();
    }

    /// Stops what runs and waits.
    public int stop(UUID chat) throws IOException, InterruptedException {
        return read(call("POST", "/api/v1/chats/" + chat + "/stop", "{}"), 200, Stopped.class)
                .stopped();
    }

    /// Tries the last turn again.
    public Accepted retry(UUID chat) throws IOException, InterruptedException {
        return read(call("POST", "/api/v1/chats/" + chat + "/retry", "{}"), 202, Accepted.class);
    }

    /// A reader of the chat's stream.
    public StreamReader read(UUID chat) {
        return new StreamReader(http, relay, grant.token(), chat);
    }

    /// Any call with this visitor's token.
    ///
    /// @param body JSON, or null for none
    public HttpResponse<byte[]> call(String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        var request =
                HttpRequest.newBuilder(relay.resolve(path))
                        .timeout(limit)
                        .header("authorization", "Bearer " + grant.token());
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("content-type", "application/json")
                    .method(method, BodyPublishers.ofString(body));
        }
        return http.send(request.build(), BodyHandlers.ofByteArray());
    }

    private static <T> T read(HttpResponse<byte[]> answer, int status, Class<T> type)
            throws IOException {
        if (answer.statusCode() != status) {
            throw new UnexpectedAnswer(answer, answer.body());
        }
        return Json.read(answer.body(), type);
    }
}
