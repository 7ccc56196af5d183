package dev.tendril.service.health;

import dev.tendril.service.database.Transactions;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;

/// Who keeps the database from forgetting dead rows.
@Singleton
final class SnapshotStore {

    private static final String OLDEST =
            """
            select holder, xmin from (
                select 'backend ' || pid as holder, backend_xmin as xmin from pg_stat_activity
                 where backend_xmin is not null and pid <> pg_backend_pid()
                   and datname = current_database() and usesysid is not null
                union all
                select 'replication slot ' || slot_name, xmin from pg_replication_slots where xmin is not null
                union all
                select 'prepared transaction ' || gid, transaction from pg_prepared_xacts
                 where database = current_database()) held
            order by age(xmin) desc limit 1
            """;

    private final Transactions transactions;

    SnapshotStore(Transactions transactions) {
        this.transactions = transactions;
    }

    /// The oldest snapshot that somebody holds right now; null when nobody does.
    @Nullable Snapshot oldest() {
        return transactions.read(tx ->
                tx.first(
                        OLDEST,
                        row -> new Snapshot(row.getString("holder"), row.getString("xmin"))));
    }

    /// @param holder such as `backend 4711`
    /// @param xmin number of the oldest transaction that it may still see as running
    record Snapshot(String holder, String xmin) {}
}
