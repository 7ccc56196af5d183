package dev.tendril.contract.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.frame.Frame;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.UUID;

/// The last batch of a run that succeeded.
///
/// @param frames ends with `finish`, the only terminal frame
@Serdeable
public record CompleteRun(
        UUID leaseToken, int batch, @JsonInclude(JsonInclude.Include.ALWAYS) List<Frame> frames) {
    /// Copies the frames.
    public CompleteRun {
        frames = List.copyOf(frames);
    }
}
