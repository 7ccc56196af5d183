package dev.tendril.contract.session;

import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// What is absent fails as an empty text does: with the one `401` of all wrong codes.
///
/// @param site the workspace's slug, as in `/c/{site}`
/// @param code the access code, e.g. `K7Q2-9XPM4-T3H8D-WZ5RC`; letter case and dashes do not count
/// @param captcha what `captcha_required` asked for; else absent
/// @param consent version of the site's text that the visitor agreed to; null for none
@Serdeable
public record OpenSession(
        @Nullable String site,
        @Nullable String code,
        @Nullable String captcha,
        @Nullable Integer consent) {
    /// Without what is seldom asked for.
    public OpenSession(@Nullable String site, @Nullable String code) {
        this(site, code, null, null);
    }
}
