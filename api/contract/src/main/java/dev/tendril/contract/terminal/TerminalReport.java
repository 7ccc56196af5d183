package dev.tendril.contract.terminal;

import io.micronaut.serde.annotation.Serdeable;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// All sessions of a worker, with those that ended since its last report. Running ones of an
/// earlier report that are missing here are lost.
///
/// @param sessions at most 100
@Serdeable
public record TerminalReport(List<Session> sessions) {

    /// Sessions in a report.
    public static final int MOST = 100;

    /// Copies the list.
    public TerminalReport {
        sessions = List.copyOf(sessions);
    }

    /// One session.
    ///
    /// @param name as the operator gave it, 1 to 64 characters
    /// @param createdAt by the worker's clock
    /// @param exitCode null while it runs
    @Serdeable
    public record Session(
            UUID id,
            String name,
            int columns,
            int rows,
            Instant createdAt,
            @Nullable Integer exitCode) {}
}
