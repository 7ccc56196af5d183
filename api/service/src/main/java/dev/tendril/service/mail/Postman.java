package dev.tendril.service.mail;

import dev.tendril.service.database.Repeated;
import dev.tendril.service.database.Transactions;
import io.micronaut.context.event.ApplicationEventListener;
import io.micronaut.runtime.server.event.ServerStartupEvent;
import jakarta.annotation.PreDestroy;
import jakarta.inject.Singleton;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Sends what waits in the outbox, one letter after the other, as long as the relay serves. Several
/// relays share the work.
@Singleton
class Postman implements ApplicationEventListener<ServerStartupEvent> {

    private static final Logger LOG = LoggerFactory.getLogger(Postman.class);
    private static final long PAUSE_MS = 1_000;

    private final SmtpSettings settings;
    private final Smtp smtp;
    private final Outbox outbox;
    private final OutboxStore store;
    private final Transactions transactions;
    private final Repeated rounds = new Repeated("Sending mail");
    private volatile boolean closed;

    Postman(
            SmtpSettings settings,
            Smtp smtp,
            Outbox outbox,
            OutboxStore store,
            Transactions transactions) {
        this.settings = settings;
        this.smtp = smtp;
        this.outbox = outbox;
        this.store = store;
        this.transactions = transactions;
    }

    @Override
    public void onApplicationEvent(ServerStartupEvent event) {
        if (settings.isOn()) {
            Thread.ofVirtual().name("postman").start(this::work);
        }
    }

    @PreDestroy
    void close() {
        closed = true;
    }

    private void work() {
        while (!closed) {
            rounds.run(this::round);
            try {
                outbox.awaitNews(PAUSE_MS);
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /// Everything that is due.
    private void round() {
        transactions.write(store::giveUp);
        while (!closed) {
            OutboxStore.Due letter = transactions.write(store::take);
            if (letter == null) {
                return;
            }
            settle(letter.known(), smtp.send(letter));
        }
    }

    private void settle(OutboxStore.Known letter, Outcome outcome) {
        String said =
                switch (outcome) {
                    case Outcome.Accepted() -> "sent";
                    case Outcome.NotNow(String why) -> why;
                    case Outcome.Never(String why) -> why;
                    case Outcome.Unknown() -> "unknown";
                };
        LOG.atInfo()
                .addKeyValue("event.action", "mail")
                .addKeyValue("mail.id", letter.id())
                .addKeyValue("outcome", said)
                .addKeyValue("tries", letter.attempts())
                .log("letter {}", said);
        transactions.write(tx -> {
            switch (outcome) {
                case Outcome.Accepted() -> store.end(tx, letter, null);
                case Outcome.NotNow(String why) ->
                        store.later(tx, letter.id(), settings.pace().after(letter.attempts()), why);
                case Outcome.Never(String why) -> store.end(tx, letter, why);
                case Outcome.Unknown() -> store.end(tx, letter, "unknown");
            }
            return null;
        });
    }
}
