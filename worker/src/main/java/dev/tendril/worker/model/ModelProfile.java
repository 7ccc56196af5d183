package dev.tendril.worker.model;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A model under a name of the operator's, as policies and the fallback order call it.
///
/// @param name `[A-Za-z0-9_-]{1,64}`
/// @param endpoint where it is
/// @param dialect how it is spoken to
/// @param timeouts how patient the worker is with it
/// @param retries how often a request is repeated after a passing fault, 0 to 10
/// @param traits what is known about it
/// @param extra further fields of each request's body, such as `temperature`
public record ModelProfile(
        String name,
        ModelEndpoint endpoint,
        Dialect dialect,
        ModelTimeouts timeouts,
        int retries,
        ModelTraits traits,
        Map<String, @Nullable Object> extra) {
    /// As often as a request is repeated unless somebody said otherwise.
    public static final int RETRIES = 3;

    /// Keeps the order of the fields.
    public ModelProfile {
        extra = Collections.unmodifiableMap(new LinkedHashMap<>(extra));
    }

    /// A model of which only the endpoint is known, named `default`.
    public static ModelProfile of(ModelEndpoint endpoint, ModelTimeouts timeouts) {
        return new ModelProfile(
                "default",
                endpoint,
                endpoint.anthropic() ? Dialect.ANTHROPIC : Dialect.OPENAI,
                timeouts,
                RETRIES,
                ModelTraits.UNKNOWN,
                Map.of());
    }
}
