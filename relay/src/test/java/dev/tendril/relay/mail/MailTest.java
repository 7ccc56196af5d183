package dev.tendril.relay.mail;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.mail.MailRequest;
import dev.tendril.relay.stage.Stage;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.mail.Multipart;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A chat by e-mail, over a real mail server in a process of its own.
@SuppressWarnings("NullAway.Init") // set in stage()
@MicronautTest(transactional = false)
final class MailTest extends DatabaseTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final Pattern CODE = Pattern.compile("\\b([0-9]{6})\\b");

    private final PostOfficeProcess post = new PostOfficeProcess();
    private Stage stage;
    private Stage.VisitorRole visitor;
    private Stage.WorkerRole worker;
    private Calls anybody;
    private UUID chat;
    private int mailbox;

    @Override
    public Map<String, String> getProperties() {
        Map<String, String> properties = super.getProperties();
        properties.put("tendril.smtp.host", "localhost");
        properties.put("tendril.smtp.port", Integer.toString(post.port()));
        properties.put("tendril.smtp.user", PostOffice.USER);
        properties.put("tendril.smtp.password-file", post.password().toString());
        properties.put("tendril.smtp.trust-file", post.certificate().toString());
        properties.put("tendril.smtp.from", "chat@relay.example");
        properties.put("tendril.smtp.timeout", "700ms");
        properties.put("tendril.smtp.retry", "50ms");
        properties.put("tendril.smtp.daily", "60");
        return properties;
    }

    @BeforeAll
    void stage(EmbeddedServer server, Tokens tokens) {
        stage = new Stage(server, tokens, dataSource(), "mail");
        worker = stage.worker();
        anybody = new Calls(server.getURI());
        post.open();
    }

    @AfterAll
    void close() {
        post.close();
    }

    @BeforeEach
    void aNewVisitor() {
        post.mood("");
        visitor = stage.visitor();
        chat = visitor.chat();
        visitor.said(chat, "m1", "What is <a vine>?");
        worker.answer(worker.claimed(), "**A plant** & more");
    }

    @Test
    void aChatGoesToAConfirmedAddressAndTheAddressIsForgotten() throws Exception {
        String address = "Ada.L+chats@reader.example";
        MailRequest asked = asked(address, "de-AT");
        assertEquals("asked", asked.state());
        MimeMessage letter = post.letter(address, 1);
        String code = code(letter);
        assertTrue(letter.getSubject().contains(code), letter.getSubject());
        assertTrue(plain(letter).contains("Der Code gilt 15 Minuten."), plain(letter));
        assertFalse(
                plain(letter).contains("vine"), "no word of the chat before the address is known");
        assertEquals("[chat@relay.example]", List.of(letter.getFrom()).toString());

        MailRequest wrong = confirm(asked, code.equals("000000") ? "000001" : "000000");
        assertEquals("asked", wrong.state());
        assertEquals(4, wrong.triesLeft());
        confirm(asked, code.substring(0, 3) + " " + code.substring(3));

        MimeMessage chatLetter = post.letter(address, 2);
        assertTrue(chatLetter.getContentType().startsWith("multipart/alternative"));
        assertTrue(plain(chatLetter).contains("What is <a vine>?"), plain(chatLetter));
        assertTrue(plain(chatLetter).contains("## Antwort"), plain(chatLetter));
        assertTrue(html(chatLetter).contains("What is &lt;a vine&gt;?"), html(chatLetter));
        assertTrue(html(chatLetter).contains("<html lang=\"de\" dir=\"ltr\">"));
        assertEquals(1, chatLetter.getAllRecipients().length);
        assertNull(chatLetter.getReplyTo()[0].getType().equals("rfc822") ? null : "other");
        assertEquals("auto-generated", chatLetter.getHeader("Auto-Submitted", null));
        await("sent", asked);

        // Confirming twice sends nothing more.
        assertEquals("sent", confirm(asked, code).state());
        assertEquals(2, post.letters(address).size());
        for (String table : List.of("mail", "mail_request", "audit_entry", "chat", "message")) {
            assertEquals(
                    "0",
                    stage.sql(
                            "select count(*) from %s t where t::text ilike '%%ada.l%%' or t::text like '%%%s%%'"
                                    .formatted(table, code)),
                    table);
        }
        assertEquals(
                "code,transcript",
                stage.sql(
                        """
                        select string_agg(detail->>'kind', ',' order by id) from audit_entry
                         where action = 'mail_sent' and length(detail->>'address') = 16
                           and subject in (select id::text from mail where chat_id = '%s')
                        """
                                .formatted(chat)));
    }

    @Test
    void aServerThatIsAwayIsTriedUntilItIsBack() {
        post.close();
        String address = fresh();
        MailRequest asked = asked(address, "en");
        Stage.await("two tries", PATIENCE, () -> Integer.parseInt(mail(asked, "attempts")) >= 2);
        assertEquals("asked", state(asked).state());
        assertEquals("no_connection", mail(asked, "failure"));
        post.open();
        confirm(asked, code(post.letter(address, 1)));
        post.letter(address, 2);
        await("sent", asked);
        assertEquals(2, post.letters(address).size());
    }

    @Test
    void whatIsRefusedForNowIsTriedAgainAndWhatIsRefusedForGoodIsNot() {
        post.mood("451");
        String later = fresh();
        MailRequest asked = asked(later, "en");
        Stage.await("refused twice", PATIENCE, () -> post.refusals() >= 2);
        post.mood("");
        post.letter(later, 1);
        assertEquals(1, post.letters(later).size());

        post.mood("550");
        MailRequest never = asked(fresh(), "en");
        await("failed", never);
        assertEquals("1", mail(never, "attempts"));
        assertEquals("smtp_550", mail(never, "failure"));
        assertEquals("null", mail(never, "address"));
        assertEquals("asked", state(asked).state());
    }

    @Test
    void aServerThatHangsHoldsNobodyUpAndNothingIsSentTwice() {
        post.mood("hang");
        String address = fresh();
        long begun = System.nanoTime();
        MailRequest asked = asked(address, "en");
        assertTrue(
                Duration.ofNanos(System.nanoTime() - begun).toMillis() < 600,
                "no request waits for a mail server");
        Stage.await("tried again", PATIENCE, () -> Integer.parseInt(mail(asked, "attempts")) >= 2);
        assertEquals("timeout", mail(asked, "failure"));
        post.mood("");
        String code = code(post.letter(address, 1));

        // It takes the letter, and never says so: nobody can know.
        post.mood("deaf");
        confirm(asked, code);
        await("failed", asked);
        post.mood("");
        assertEquals(
                "unknown",
                stage.sql(
                        "select m.failure from mail m join mail_request r on r.mail = m.id where r.id = '%s'"
                                .formatted(asked.id())));
        // What another letter needs is enough time for a second copy to show up.
        String next = fresh();
        asked(next, "en");
        post.letter(next, 1);
        assertEquals(2, post.letters(address).size());
    }

    @Test
    void aLetterWhoseSenderDiedIsNotSentAgain() {
        MailRequest asked = asked(fresh(), "en");
        stage.sql(
                """
                insert into mail (id, workspace_id, chat_id, kind, state, address, address_hash, subject,
                                  body_text, body_html, language, give_up_at, claimed_until)
                values ('%s', '%s', '%s', 'code', 'sending', 'lost@reader.example', uuid_send(gen_random_uuid()), 's', 't', 'h', 'en',
                        now() + interval '1 h', now() - interval '1 s')
                """
                        .formatted(UUID.randomUUID(), stage.workspace(), chat));
        Stage.await(
                "given up",
                PATIENCE,
                () ->
                        stage.sql(
                                        "select count(*) from mail where failure = 'unknown' and attempts = 0 and chat_id = '%s'"
                                                .formatted(chat))
                                .equals("1"));
        assertEquals(List.of(), post.letters("lost@reader.example"));
        assertEquals("asked", state(asked).state());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ada@reader.example\\r\\nBcc: eve@evil.example",
                "ada@reader.example\\nSubject: x",
                "ada@reader.example,eve@evil.example",
                "ada@reader.example eve@evil.example",
                "Ada <ada@reader.example>",
                "\\\"a b\\\"@reader.example",
                "ada@reader",
                "ada@@reader.example",
                "ada@-reader.example",
                "ada@reader.example\\u0000",
                "@reader.example",
                "ada",
                "",
                "ada@[127.0.0.1]",
                "CHAT+me@relay.example"
            })
    void whatIsNoAddressOfTheVisitorIsRefused(String address) {
        String before = stage.sql("select count(*) from mail");
        Stage.ok(400, ask(visitor, address, "en"));
        assertEquals(before, stage.sql("select count(*) from mail"));
    }

    @Test
    void nobodyIsFloodedWithLetters() {
        String address = fresh();
        asked(address, "en");
        asked(fresh(), "en");
        Answer third = ask(visitor, fresh(), "en");
        assertEquals(429, third.status());
        assertTrue(Integer.parseInt(third.header("Retry-After")) >= 60);

        // An address, whoever asks and however it is written.
        aNewVisitor();
        String same = address.replace("@", "+other@").toUpperCase(java.util.Locale.ROOT);
        Stage.ok(202, ask(visitor, same, "en"));
        aNewVisitor();
        Stage.ok(429, ask(visitor, address, "en"));

        // A site, whoever asks for whomever.
        stage.sql(
                """
                insert into mail_request (workspace_id, session_id, address_hash, language, expires_at)
                select '%s', '%s', uuid_send(gen_random_uuid()), 'en', now() from generate_series(1, 60)
                """
                        .formatted(stage.workspace(), stage.visitor().session()));
        Stage.ok(429, ask(visitor, fresh(), "en"));
        stage.sql(
                "delete from mail_request where address is null and confirmed_at is null and code_mail is null");
        Stage.ok(202, ask(visitor, fresh(), "en"));
    }

    @Test
    void aCodeEndsAfterFiveTriesOrFifteenMinutesAndIsTheVisitorsAlone() {
        String address = fresh();
        MailRequest asked = asked(address, "en");
        String code = code(post.letter(address, 1));
        Stage.VisitorRole other = stage.visitor();
        Stage.ok(404, other.post(path(asked) + "/confirm", "{\"code\":\"" + code + "\"}"));
        Stage.ok(404, other.get(path(asked)));
        String wrong = code.equals("123456") ? "654321" : "123456";
        for (int tries = 4; tries >= 0; tries--) {
            assertEquals(tries, confirm(asked, wrong).triesLeft());
        }
        assertEquals("ended", confirm(asked, code).state());
        assertEquals(
                "0",
                stage.sql(
                        "select count(*) from mail_request where id = '%s' and address is not null"
                                .formatted(asked.id())));

        String late = fresh();
        MailRequest second = asked(late, "en");
        String good = code(post.letter(late, 1));
        stage.sql(
                "update mail_request set expires_at = now() where id = '%s'"
                        .formatted(second.id()));
        assertEquals("ended", confirm(second, good).state());
        assertEquals(1, post.letters(late).size());
    }

    @Test
    void aDeletedChatIsNotSent() {
        post.mood("451");
        MailRequest asked = asked(fresh(), "en");
        Stage.ok(204, visitor.delete("/api/v1/chats/" + chat));
        assertEquals(
                "0", stage.sql("select count(*) from mail where chat_id = '%s'".formatted(chat)));
        Stage.ok(404, visitor.get(path(asked)));
    }

    @Test
    void onlyAChatOfOnesOwnWithWordsInItIsSent() {
        Stage.ok(404, ask(stage.visitor(), fresh(), "en"));
        chat = visitor.chat();
        Stage.ok(409, ask(visitor, fresh(), "en"));
        assertTrue(anybody.get("/api/v1/sites/mail").body().contains("\"mail\":true"));
    }

    private MailRequest asked(String address, String language) {
        return Stage.ok(202, ask(visitor, address, language)).as(MailRequest.class);
    }

    private Answer ask(Stage.VisitorRole who, String address, String language) {
        return anybody.post(
                "/api/v1/chats/" + chat + "/email",
                "{\"address\":\"%s\",\"language\":\"%s\"}".formatted(address, language),
                "Authorization",
                "Bearer " + who.token(),
                "X-Forwarded-For",
                "198.51.100." + (mailbox++ % 250));
    }

    private MailRequest confirm(MailRequest asked, String code) {
        return Stage.ok(200, visitor.post(path(asked) + "/confirm", "{\"code\":\"" + code + "\"}"))
                .as(MailRequest.class);
    }

    private MailRequest state(MailRequest asked) {
        return Stage.ok(200, visitor.get(path(asked))).as(MailRequest.class);
    }

    private void await(String state, MailRequest asked) {
        Stage.await(state, PATIENCE, () -> state(asked).state().equals(state));
    }

    /// Of the letter with the code.
    private String mail(MailRequest asked, String column) {
        return stage.sql(
                "select m.%s from mail m join mail_request r on r.code_mail = m.id where r.id = '%s'"
                        .formatted(column, asked.id()));
    }

    private String path(MailRequest asked) {
        return "/api/v1/chats/" + chat + "/email/" + asked.id();
    }

    private String fresh() {
        return "reader" + mailbox++ + "@reader.example";
    }

    private static String code(MimeMessage letter) {
        Matcher code = CODE.matcher(plain(letter));
        assertTrue(code.find(), plain(letter));
        return code.group(1);
    }

    private static String plain(MimeMessage letter) {
        return part(letter, 0);
    }

    private static String html(MimeMessage letter) {
        return part(letter, 1);
    }

    private static String part(MimeMessage letter, int at) {
        try {
            return (String) ((Multipart) letter.getContent()).getBodyPart(at).getContent();
        } catch (IOException | jakarta.mail.MessagingException e) {
            throw new IllegalStateException(e);
        }
    }
}
