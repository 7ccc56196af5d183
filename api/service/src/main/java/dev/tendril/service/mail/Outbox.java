package dev.tendril.service.mail;

import dev.tendril.service.auth.KeyedHash;
import dev.tendril.service.database.Tx;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Where letters wait. What is put in here is sent if, and only if, its transaction commits.
@Singleton
public final class Outbox {

    private final OutboxStore store;
    private final KeyedHash hash;
    private final Semaphore news = new Semaphore(0);

    Outbox(OutboxStore store, KeyedHash hash) {
        this.store = store;
        this.hash = hash;
    }

    /// Puts in a letter.
    ///
    /// @return its id
    public UUID put(Tx tx, Letter letter) throws SQLException {
        UUID id = store.put(tx, letter, hashOf(letter.address()));
        tx.afterCommit(news::release);
        return id;
    }

    /// What an address is counted and audited by.
    public byte[] hashOf(EmailAddress address) {
        return hash.of("mail-address", address.counted());
    }

    /// Waits until something was put in here, or the time is over.
    void awaitNews(long ms) throws InterruptedException {
        if (news.tryAcquire(ms, TimeUnit.MILLISECONDS)) {
            news.drainPermits();
        }
    }
}
