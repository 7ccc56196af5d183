package dev.tendril.contract.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.frame.Frame;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One batch of frames under a lease; body of `frames` and, with a checkpoint, of `checkpoint`.
///
/// @param leaseToken from the claim
/// @param batch from 1 within an attempt, without gaps; a repeated batch is answered with what is
///   stored, so that sending again is always safe
/// @param frames may be empty only with a checkpoint; no terminal frame
/// @param checkpoint stored in the same transaction as the frames
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record AppendFrames(
        UUID leaseToken,
        int batch,
        @JsonInclude(JsonInclude.Include.ALWAYS) List<Frame> frames,
        @Nullable Checkpoint checkpoint) {
    /// Copies the frames.
    public AppendFrames {
        frames = List.copyOf(frames);
    }
}
