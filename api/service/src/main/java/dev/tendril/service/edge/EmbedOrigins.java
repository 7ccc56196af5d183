package dev.tendril.service.edge;

import io.micronaut.context.annotation.Property;
import jakarta.inject.Singleton;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/// The sites that may embed the chat: `TENDRIL_EMBED_ORIGINS`, origins such as
/// `https://example.org`, separated by commas. None by default; there is no wildcard.
@Singleton
public final class EmbedOrigins {

    private static final Pattern ORIGIN =
            Pattern.compile("https?://([a-z0-9-]+(\\.[a-z0-9-]+)*|\\[[0-9a-f:]+])(:[0-9]{1,5})?");

    private final Set<String> origins;

    EmbedOrigins(@Property(name = "tendril.embed-origins", defaultValue = "") String list) {
        this.origins = new TreeSet<>();
        Arrays.stream(list.split(","))
                .map(text -> text.strip().toLowerCase(Locale.ROOT))
                .filter(text -> !text.isEmpty())
                .forEach(this.origins::add);
        for (String origin : origins) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new IllegalArgumentException(
                        "TENDRIL_EMBED_ORIGINS takes origins such as https://example.org, without a"
                                + " path or wildcard.");
            }
        }
    }

    /// Whether this site may call and frame us.
    public boolean allow(String origin) {
        return origins.contains(origin);
    }

    /// For `frame-ancestors`: ourselves and these sites.
    public String frameAncestors() {
        return origins.isEmpty() ? "'self'" : "'self' " + String.join(" ", origins);
    }
}
