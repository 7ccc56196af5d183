package dev.tendril.contract.share;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// The visitor's links that still open something.
///
/// @param shares the latest first
@Serdeable
public record ShareList(@JsonInclude(JsonInclude.Include.ALWAYS) List<Share> shares) {
    /// Copies the links.
    public ShareList {
        shares = List.copyOf(shares);
    }
}
