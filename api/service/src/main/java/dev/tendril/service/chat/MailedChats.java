package dev.tendril.service.chat;

import dev.tendril.contract.mail.AskMail;
import dev.tendril.contract.mail.ConfirmMail;
import dev.tendril.contract.mail.MailRequest;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.KeyedHash;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.database.Transactions;
import dev.tendril.service.database.Tx;
import dev.tendril.service.limit.Buckets;
import dev.tendril.service.limit.Buckets.Rate;
import dev.tendril.service.mail.EmailAddress;
import dev.tendril.service.mail.Letter;
import dev.tendril.service.mail.Outbox;
import dev.tendril.service.mail.SmtpSettings;
import dev.tendril.service.problem.ProblemException;
import jakarta.inject.Singleton;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.SQLException;
import java.time.Duration;
import java.util.UUID;

/// A chat by e-mail. Whoever asks proves first, by a code of six digits that is good for 15 minutes
/// and five tries, that the address is theirs; only then the chat goes there. In 24 h a visitor may
/// ask twice, an address may be asked for twice, and a site as often as `TENDRIL_SMTP_DAILY` says.
@Singleton
final class MailedChats {

    private static final int PER_VISITOR = 2;
    private static final int PER_ADDRESS = 2;
    private static final int BYTES = 2 * 1024 * 1024;
    private static final int CODES = 1_000_000;
    private static final long COME_BACK_SECONDS = Duration.ofHours(1).toSeconds();
    private static final Duration CODE_LIFE = Duration.ofMinutes(15);
    private static final Duration CHAT_LIFE = Duration.ofHours(24);
    private static final Rate ASKED = new Rate("mails_per_network", 10, 1);

    private final Transactions transactions;
    private final Chats chats;
    private final MailedChatStore store;
    private final Outbox outbox;
    private final SmtpSettings settings;
    private final KeyedHash hash;
    private final Buckets buckets = new Buckets();
    private final SecureRandom random = new SecureRandom();

    MailedChats(
            Transactions transactions,
            Chats chats,
            MailedChatStore store,
            Outbox outbox,
            SmtpSettings settings,
            KeyedHash hash) {
        this.transactions = transactions;
        this.chats = chats;
        this.store = store;
        this.outbox = outbox;
        this.settings = settings;
        this.hash = hash;
    }

    /// Sends a code to the address.
    ///
    /// @param network who asks, for the limits
    MailRequest ask(Visitor visitor, UUID chatId, AskMail wanted, String network) {
        checkOn();
        EmailAddress address = EmailAddress.parse(wanted.address());
        if (address == null || settings.isOurs(address)) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "address is one e-mail address.");
        }
        if (chats.transcript(visitor, chatId).messages().isEmpty()) {
            throw new ProblemException(ErrorCode.CONFLICT, "There is nothing to send yet.");
        }
        buckets.take(ASKED.of(network), network);
        MailWords words = MailWords.of(wanted.language());
        String code = "%06d".formatted(random.nextInt(CODES));
        UUID id = UUID.randomUUID();
        byte[] addressHash = outbox.hashOf(address);
        return transactions.write(tx -> {
            MailedChatStore.Counts counts = store.counts(tx, visitor, addressHash);
            if (counts.visitor() >= PER_VISITOR
                    || counts.address() >= PER_ADDRESS
                    || counts.site() >= settings.perDay()) {
                throw ProblemException.retryLater(ErrorCode.RATE_LIMITED, COME_BACK_SECONDS);
            }
            UUID letter =
                    outbox.put(
                            tx,
                            new Letter(
                                    visitor.workspaceId(),
                                    chatId,
                                    "code",
                                    address,
                                    words.language(),
                                    codeLetter(words, store.site(tx, visitor.workspaceId()), code),
                                    CODE_LIFE));
            store.ask(
                    tx,
                    visitor,
                    new MailedChatStore.Asked(
                            id,
                            chatId,
                            address.text(),
                            addressHash,
                            codeHash(id, code),
                            words.language()),
                    letter);
            return state(tx, visitor, chatId, id);
        });
    }

    /// Sends the chat, as it is now, once the code is right. A wrong code takes a try.
    MailRequest confirm(Visitor visitor, UUID chatId, UUID id, ConfirmMail given) {
        checkOn();
        Transcript transcript = chats.transcript(visitor, chatId);
        String code = given.code().replaceAll("\\s+", "");
        return transactions.write(tx -> {
            MailedChatStore.Open open = store.open(tx, visitor, chatId, id);
            if (open == null) {
                return state(tx, visitor, chatId, id);
            }
            if (!MessageDigest.isEqual(open.codeHash(), codeHash(id, code))) {
                store.wrong(tx, id);
                return state(tx, visitor, chatId, id);
            }
            UUID letter =
                    outbox.put(
                            tx,
                            new Letter(
                                    visitor.workspaceId(),
                                    chatId,
                                    "transcript",
                                    new EmailAddress(open.address()),
                                    open.language(),
                                    chatLetter(
                                            MailWords.of(open.language()),
                                            store.site(tx, visitor.workspaceId()),
                                            transcript),
                                    CHAT_LIFE));
            store.confirm(tx, id, letter);
            return state(tx, visitor, chatId, id);
        });
    }

    /// How far it has got.
    MailRequest get(Visitor visitor, UUID chatId, UUID id) {
        return transactions.read(tx -> state(tx, visitor, chatId, id));
    }

    private MailRequest state(Tx tx, Visitor visitor, UUID chatId, UUID id) throws SQLException {
        MailRequest request = store.state(tx, visitor, chatId, id);
        if (request == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        return request;
    }

    private void checkOn() {
        if (!settings.isOn()) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
    }

    private byte[] codeHash(UUID id, String code) {
        return hash.of("mail-code " + id, code);
    }

    private static Letter.Content codeLetter(MailWords words, String site, String code) {
        String who = words.say("code.text", "site", site);
        String what = words.say("code.code");
        String ends = words.say("code.ends");
        return new Letter.Content(
                words.say("code.subject", "code", code, "site", site),
                who + "\n\n" + what + "\n\n    " + code + "\n\n" + ends + "\n",
                Transcript.page(
                        words,
                        site,
                        "<p>%s</p>\n<p>%s</p>\n<p class=\"code\" dir=\"ltr\">%s</p>\n<p>%s</p>\n"
                                .formatted(
                                        Transcript.escaped(who),
                                        Transcript.escaped(what),
                                        code,
                                        Transcript.escaped(ends))));
    }

    private static Letter.Content chatLetter(MailWords words, String site, Transcript transcript) {
        String foot = words.say("chat.foot", "site", site);
        String text = transcript.markdown(words) + "\n---\n\n" + foot + "\n";
        String html = transcript.html(words, foot);
        if (text.length() + html.length() > BYTES) {
            throw new ProblemException(
                    ErrorCode.TOO_LARGE, "This chat is too long for a letter; download it.");
        }
        return new Letter.Content(words.say("chat.subject", "site", site), text, html);
    }
}
