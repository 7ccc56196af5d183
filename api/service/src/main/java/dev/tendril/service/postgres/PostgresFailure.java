package dev.tendril.service.postgres;

import org.jspecify.annotations.Nullable;

/// The embedded PostgreSQL cannot run. The message is one plain sentence for the operator, saying
/// what is wrong and where; it holds no secret.
public final class PostgresFailure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PostgresFailure(String message) {
        super(message);
    }

    PostgresFailure(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
