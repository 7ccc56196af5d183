package dev.tendril.relay.attachment;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Attachment;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.serde.ObjectMapper;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import java.awt.Color;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Images from visitors: what is taken, what is left of it, and who gets to see it.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class AttachmentTest extends DatabaseTest {

    private static final String SECRET = "52.5200N 13.4050E at home";

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = ObjectMapper.getDefault();
    private Stage stage;

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "images");
    }

    @Test
    void aPhotographStandsUprightAndTellsNothingElse() throws Exception {
        var visitor = stage.visitor();
        byte[] sent = Pictures.fromAPhone(60, 40, 6, SECRET);
        assertTrue(latin(sent).contains(SECRET));

        Attachment taken = taken(visitor, sent);

        assertEquals("image/jpeg", taken.mediaType());
        assertEquals("/api/v1/attachments/" + taken.id(), taken.url());
        assertEquals(List.of(40, 60), List.of(taken.width(), taken.height()));
        HttpResponse<byte[]> got = get(visitor.token(), taken.url());
        assertEquals(200, got.statusCode());
        assertEquals(taken.bytes(), got.body().length);
        assertFalse(latin(got.body()).contains("Exif"));
        assertFalse(latin(got.body()).contains(SECRET));
        BufferedImage image = Pictures.read(got.body());
        assertNear(Color.RED, image, 20, 5);
        assertNear(Color.BLUE, image, 20, 55);
        assertEquals("nosniff", header(got, "X-Content-Type-Options"));
        assertEquals("sandbox; default-src 'none'", header(got, "Content-Security-Policy"));
        assertEquals("attachment; filename=\"image.jpg\"", header(got, "Content-Disposition"));
        assertEquals("private, max-age=31536000, immutable", header(got, "Cache-Control"));
        assertEquals(
                "0",
                stage.sql(
                        "select count(*) from attachment where position('%s'::bytea in content) > 0"
                                .formatted(SECRET)));
    }

    @Test
    void everyKindIsWrittenAnew() throws Exception {
        var visitor = stage.visitor();
        var clear = new BufferedImage(3_000, 1_000, BufferedImage.TYPE_INT_ARGB);
        Attachment png = taken(visitor, Pictures.file(clear, "png"));
        assertEquals("image/png 2048x683", told(png));
        BufferedImage seen = Pictures.read(get(visitor.token(), png.url()).body());
        assertEquals(0, seen.getRGB(5, 5) >>> 24, "still transparent");
        BufferedImage small = Pictures.read(get(visitor.token(), png.url() + "?size=small").body());
        assertEquals(480, small.getWidth());
        var noise = new BufferedImage(900, 900, BufferedImage.TYPE_INT_RGB);
        var random = new java.util.SplittableRandom(7);
        for (int i = 0; i < 900 * 900; i++) {
            noise.setRGB(i % 900, i / 900, random.nextInt());
        }
        assertEquals("image/jpeg 900x900", told(taken(visitor, Pictures.file(noise, "png"))));

        Attachment gif = taken(visitor, Pictures.animated("alert(document.domain)"));
        byte[] first = get(visitor.token(), gif.url()).body();
        assertEquals("image/png 40x20", told(gif));
        assertNear(Color.RED, Pictures.read(first), 5, 5);
        assertFalse(latin(first).contains("alert"), "a polyglot's other half is gone");

        Attachment photo = taken(visitor, Pictures.resource("photo.webp"));
        assertEquals("image/jpeg 320x200", told(photo));
        assertNear(Color.RED, Pictures.read(get(visitor.token(), photo.url()).body()), 8, 8);
        Attachment sharp = taken(visitor, Pictures.resource("sharp.webp"));
        assertEquals("image/png 320x200", told(sharp));
        assertNear(Color.RED, Pictures.read(get(visitor.token(), sharp.url()).body()), 8, 8);
    }

    @Test
    void whatIsNoImageOrTooMuchOfOneIsRefused() throws Exception {
        var visitor = stage.visitor();
        refused(
                422,
                "image_unreadable",
                visitor,
                "<svg onload=alert(1)>".getBytes(StandardCharsets.UTF_8));
        refused(422, "image_unreadable", visitor, new byte[0]);
        refused(422, "image_unreadable", visitor, Pictures.torn());
        refused(413, "too_large", visitor, Pictures.bomb(50_000, 50_000));
        byte[] webp = Pictures.resource("sharp.webp");
        webp[26] = 1; // its canvas is 65,856 pixels wide now
        refused(413, "too_large", visitor, webp);

        byte[] huge = new byte[5 * 1024 * 1024 + 1];
        System.arraycopy(Pictures.bomb(10, 10), 0, huge, 0, 40);
        assertEquals(413, send(visitor.token(), BodyPublishers.ofByteArray(huge)).statusCode());
        // Without a length it is counted on its way.
        assertEquals(
                413,
                send(
                                visitor.token(),
                                BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(huge)))
                        .statusCode());
        assertEquals(
                "0",
                stage.sql(
                        "select count(*) from attachment where session_id = '%s'"
                                .formatted(visitor.session())));
    }

    @Test
    void itBelongsToItsVisitorItsChatAndTheWorkerAtWork() throws Exception {
        var visitor = stage.visitor();
        var stranger = stage.visitor();
        Attachment image = taken(visitor, Pictures.resource("photo.webp"));
        assertEquals(404, get(stranger.token(), image.url()).statusCode());
        assertEquals(401, get("nobody", image.url()).statusCode());
        assertEquals(404, stranger.delete(image.url()).status());
        UUID theirs = stranger.chat();
        assertEquals(404, say(stranger, theirs, "m1", "", image).status());
        assertEquals(
                "0", stage.sql("select count(*) from message where chat_id = '" + theirs + "'"));

        UUID chat = visitor.chat();
        var worker = stage.worker();
        Stage.ok(202, say(visitor, chat, "m1", "", image));
        ClaimedRun run = worker.claimed();
        assertEquals(
                List.of(new Part.File("image/jpeg", image.url(), "my cat.webp")),
                run.history().getFirst().parts());
        String path = "/api/v1/runs/" + run.runId() + "/attachments/" + image.id();
        String lease = "{\"leaseToken\":\"" + run.leaseToken() + "\"}";
        HttpResponse<byte[]> seen = post(worker.token(), path, lease);
        assertArrayEquals(get(visitor.token(), image.url()).body(), seen.body());
        assertEquals(
                404,
                post(worker.token(), path, "{\"leaseToken\":\"" + UUID.randomUUID() + "\"}")
                        .statusCode());
        assertEquals(404, post(stage.worker().token(), path, lease).statusCode());
        assertEquals(403, post(visitor.token(), path, lease).statusCode());
        worker.answer(run, "A cat.");
        assertEquals(404, post(worker.token(), path, lease).statusCode());

        assertEquals(404, say(visitor, visitor.chat(), "m1", "", image).status());
        assertEquals(404, visitor.delete(image.url()).status(), "sent ones go with their chat");
        assertEquals(200, get(visitor.token(), image.url()).statusCode());
        assertTrue(
                visitor.get("/api/v1/chats/" + chat + "/transcript?format=html")
                        .body()
                        .contains("[Image: my cat.webp]"));
        String shared = "/api/v1/shared/attachments/" + image.id();
        assertEquals(200, post("", shared, share(visitor, chat, true)).statusCode());
        assertEquals(404, post("", shared, share(visitor, chat, false)).statusCode());
        assertEquals(404, post("", shared, "{\"token\":\"nobody\"}").statusCode());
        Stage.ok(204, visitor.delete("/api/v1/chats/" + chat));
        assertEquals(404, get(visitor.token(), image.url()).statusCode());
    }

    @Test
    void aMessageTakesThreeAndOnlyOurs() throws Exception {
        var visitor = stage.visitor();
        UUID chat = visitor.chat();
        Attachment image = taken(visitor, Pictures.resource("photo.webp"));
        assertEquals(400, say(visitor, chat, "m1", "x", image, image, image, image).status());
        Answer foreign =
                visitor.post(
                        "/api/v1/chats/" + chat + "/messages",
                        """
                        {"id":"m2","parts":[{"type":"file","mediaType":"image/png",
                         "url":"https://evil.example/a.png"}]}
                        """);
        assertEquals(400, foreign.status());
        Stage.ok(204, visitor.delete(image.url()));
        assertEquals(404, say(visitor, chat, "m3", "x", image).status());
    }

    @Test
    void aVisitorSendsSoManyAnHour() throws Exception {
        var visitor = stage.visitor();
        byte[] junk = "junk".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 20; i++) {
            refused(422, "image_unreadable", visitor, junk);
        }
        HttpResponse<byte[]> late = send(visitor.token(), BodyPublishers.ofByteArray(junk));
        assertEquals(429, late.statusCode());
        assertTrue(Integer.parseInt(header(late, "Retry-After")) > 0);
        refused(422, "image_unreadable", stage.visitor(), junk);
    }

    /// A link's token, as a body.
    private static String share(Stage.VisitorRole visitor, UUID chat, boolean images) {
        Answer made =
                Stage.ok(
                        201,
                        visitor.post(
                                "/api/v1/chats/" + chat + "/share",
                                "{\"attachments\":" + images + ",\"days\":1}"));
        String path = String.valueOf(made.object().get("path"));
        return "{\"token\":\"" + path.substring(path.lastIndexOf('/') + 1) + "\"}";
    }

    private Answer say(
            Stage.VisitorRole visitor, UUID chat, String id, String text, Attachment... images) {
        String files =
                Arrays.stream(images)
                        .map(image ->
                                "{\"type\":\"file\",\"mediaType\":\"text/html\",\"url\":\"%s\",\"filename\":\"my cat.webp\"}"
                                        .formatted(image.url()))
                        .collect(Collectors.joining(","));
        String words = text.isEmpty() ? "" : "{\"type\":\"text\",\"text\":\"" + text + "\"},";
        return visitor.post(
                "/api/v1/chats/" + chat + "/messages",
                "{\"id\":\"%s\",\"parts\":[%s%s]}".formatted(id, words, files));
    }

    private void refused(int status, String code, Stage.VisitorRole visitor, byte[] body)
            throws Exception {
        HttpResponse<byte[]> answer = send(visitor.token(), BodyPublishers.ofByteArray(body));
        String said = new String(answer.body(), StandardCharsets.UTF_8);
        assertEquals(status, answer.statusCode(), said);
        assertTrue(said.contains(code), said);
    }

    private Attachment taken(Stage.VisitorRole visitor, byte[] file)
            throws IOException, InterruptedException {
        HttpResponse<byte[]> answer = send(visitor.token(), BodyPublishers.ofByteArray(file));
        assertEquals(201, answer.statusCode(), new String(answer.body(), StandardCharsets.UTF_8));
        return json.readValue(answer.body(), Attachment.class);
    }

    private HttpResponse<byte[]> send(String token, BodyPublisher body)
            throws IOException, InterruptedException {
        return exchange(
                token,
                "/api/v1/attachments",
                HttpRequest.newBuilder().header("Content-Type", "image/png").POST(body));
    }

    private HttpResponse<byte[]> post(String token, String path, String body)
            throws IOException, InterruptedException {
        return exchange(
                token,
                path,
                HttpRequest.newBuilder()
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body)));
    }

    private HttpResponse<byte[]> get(String token, String path)
            throws IOException, InterruptedException {
        return exchange(token, path, HttpRequest.newBuilder());
    }

    private HttpResponse<byte[]> exchange(String token, String path, HttpRequest.Builder call)
            throws IOException, InterruptedException {
        call.uri(stage.uri().resolve(path));
        if (!token.isEmpty()) {
            call.header("Authorization", "Bearer " + token);
        }
        return http.send(call.build(), HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String header(HttpResponse<?> answer, String name) {
        return answer.headers().firstValue(name).orElse("");
    }

    private static String told(Attachment image) {
        return image.mediaType() + " " + image.width() + "x" + image.height();
    }

    private static String latin(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static void assertNear(Color wanted, BufferedImage image, int x, int y) {
        var seen = new Color(image.getRGB(x, y));
        int off =
                Math.abs(seen.getRed() - wanted.getRed())
                        + Math.abs(seen.getGreen() - wanted.getGreen())
                        + Math.abs(seen.getBlue() - wanted.getBlue());
        assertTrue(off < 40, seen + " at " + x + "," + y);
    }
}
