package dev.tendril.worker.model;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/// Where a model is.
///
/// @param base the URL up to and with the version, e.g. `http://127.0.0.1:11434/v1`
/// @param key for the header that the dialect wants, or null
/// @param model its name there, or null: take the first that the endpoint offers
public record ModelEndpoint(URI base, @Nullable String key, @Nullable String model) {
    /// Takes a URL as people write it: with or without `/v1`, or with the whole call's path.
    ///
    /// @throws IllegalArgumentException with a sentence for people, when it is no such URL
    public static ModelEndpoint of(String url, @Nullable String key, @Nullable String model) {
        URI given;
        try {
            given = URI.create(url.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("it is no URL", e);
        }
        boolean http = "http".equals(given.getScheme()) || "https".equals(given.getScheme());
        if (!http || given.getHost() == null) {
            throw new IllegalArgumentException("it must begin with http:// or https:// and a host");
        }
        if (given.getUserInfo() != null || given.getQuery() != null) {
            throw new IllegalArgumentException(
                    "it must have no user, password or query; a key belongs into a file");
        }
        String path =
                given.getPath().replaceFirst("/+$", "").replaceFirst("/chat/completions$", "");
        if (!path.matches("(.*/)?v[0-9][^/]*(/.*)?")) {
            path += "/v1";
        }
        return new ModelEndpoint(
                URI.create(given.getScheme() + "://" + given.getAuthority() + path), key, model);
    }

    /// Whether it is Anthropic's own, so that nobody has to say which dialect it speaks.
    boolean anthropic() {
        return "api.anthropic.com".equals(base.getHost()) && model != null;
    }

    URI call(String path) {
        return URI.create(base + path);
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
