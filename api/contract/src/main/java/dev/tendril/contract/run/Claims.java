package dev.tendril.contract.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// @param runs at least one; no run at all is `204 No Content`
@Serdeable
public record Claims(@JsonInclude(JsonInclude.Include.ALWAYS) List<ClaimedRun> runs) {
    /// Copies the runs.
    public Claims {
        runs = List.copyOf(runs);
    }
}
