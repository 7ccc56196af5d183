package dev.tendril.service.captcha;

import dev.tendril.service.database.Transactions;
import jakarta.inject.Singleton;

/// SQL of solutions that were used.
@Singleton
final class SpentStore {

    private static final String SPEND =
            """
            insert into spent_captcha (signature, expires_at) values (decode(?, 'hex'), to_timestamp(?))
            on conflict do nothing
            """;

    private final Transactions transactions;

    SpentStore(Transactions transactions) {
        this.transactions = transactions;
    }

    /// @return false if it was spent before, at any relay
    boolean spend(String signature, long expiresAt) {
        return transactions.write(tx -> tx.update(SPEND, signature, (double) expiresAt)) == 1;
    }
}
