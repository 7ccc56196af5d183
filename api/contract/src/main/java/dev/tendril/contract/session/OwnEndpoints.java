package dev.tendril.contract.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;

/// Where visitors may bring a model of their own from.
///
/// @param endpoints base URLs, up to and with the version; empty when the site offers it not
@Serdeable
public record OwnEndpoints(@JsonInclude(JsonInclude.Include.ALWAYS) List<String> endpoints) {
    /// Copies the list.
    public OwnEndpoints {
        endpoints = List.copyOf(endpoints);
    }
}
