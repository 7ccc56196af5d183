package dev.tendril.service.proxy;

import dev.tendril.service.database.Transactions;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// SQL of the endpoints that sites allow.
@Singleton
public final class EndpointStore {

    private static final String ALLOWED =
            """
            select own_models from workspace where id = ?
            """;

    private static final String ALLOW =
            """
            update workspace set own_models = ? where id = ?
            """;

    private final Transactions transactions;

    EndpointStore(Transactions transactions) {
        this.transactions = transactions;
    }

    /// Base URLs, as they were allowed.
    public List<String> allowed(UUID workspaceId) {
        @Nullable String[] found =
                transactions.read(tx ->
                        tx.first(
                                ALLOWED,
                                row -> (String[]) row.getArray("own_models").getArray(),
                                workspaceId));
        return found == null ? List.of() : List.of(found);
    }

    /// Replaces the list.
    public void allow(UUID workspaceId, List<String> endpoints) {
        transactions.write(tx -> tx.update(ALLOW, endpoints.toArray(String[]::new), workspaceId));
    }
}
