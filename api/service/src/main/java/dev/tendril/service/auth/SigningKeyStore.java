package dev.tendril.service.auth;

import dev.tendril.service.database.Database;
import jakarta.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Signing keys as the database has them: wrapped.
@Singleton
final class SigningKeyStore {

    private static final String LOCK =
            "select pg_advisory_xact_lock(hashtext('tendril signing_key'))";

    private static final String USABLE =
            """
            select kid, wrapped, state
              from signing_key
             where alg = 'HS256'
               and (state = 'active' or (state = 'retired' and retire_at > now()))
            """;

    private static final String INSERT_ACTIVE =
            """
            insert into signing_key (kid, alg, wrapped, state, activated_at)
            values (?, 'HS256', ?, 'active', now())
            """;

    private final Database database;

    SigningKeyStore(Database database) {
        this.database = database;
    }

    /// The active key and the retired ones that still verify; makes the first key when there is
    /// none.
    List<Row> usableOrFirst(Supplier<Row> first) {
        List<Row> rows = usable();
        if (rows.stream().anyMatch(Row::active)) {
            return rows;
        }
        return database.transaction(connection -> {
            try (var lock = connection.prepareStatement(LOCK)) {
                lock.execute();
            }
            List<Row> again = usable();
            if (again.stream().anyMatch(Row::active)) {
                return again;
            }
            Row made = first.get();
            try (var insert = connection.prepareStatement(INSERT_ACTIVE)) {
                insert.setString(1, made.kid());
                insert.setBytes(2, made.wrapped());
                insert.executeUpdate();
            }
            again.add(made);
            return again;
        });
    }

    private List<Row> usable() {
        return database.statement(connection -> {
            try (var statement = connection.prepareStatement(USABLE);
                    var rows = statement.executeQuery()) {
                List<Row> keys = new ArrayList<>();
                while (rows.next()) {
                    keys.add(
                            new Row(
                                    rows.getString("kid"),
                                    rows.getBytes("wrapped"),
                                    rows.getString("state").equals("active")));
                }
                return keys;
            }
        });
    }

    /// @param wrapped AES-GCM under the master key
    /// @param active signs new tokens; the others only verify
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Row(String kid, byte[] wrapped, boolean active) {}
}
