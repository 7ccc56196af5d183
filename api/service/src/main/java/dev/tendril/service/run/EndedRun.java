package dev.tendril.service.run;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.contract.chat.Part;
import java.util.List;

/// What a turn left behind.
///
/// @param parts folded from the run's frames, so that history says what the stream said
public record EndedRun(Run run, List<Part> parts, Metadata metadata) {
    /// Copies the parts.
    public EndedRun {
        parts = List.copyOf(parts);
    }
}
