package dev.tendril.contract.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// What a visitor must show to be let in.
///
/// @param kind `proof-of-work`, `turnstile` or `hcaptcha`
/// @param challenge of a proof of work
/// @param siteKey of the others
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record CaptchaOffer(String kind, @Nullable Challenge challenge, @Nullable String siteKey) {

    /// A challenge in ALTCHA's wire, version 2.
    ///
    /// @param signature hex HMAC-SHA-256 over the parameters as canonical JSON
    @Serdeable
    public record Challenge(Parameters parameters, String signature) {}

    /// Sorted by name, as canonical JSON has them.
    ///
    /// @param algorithm `PBKDF2/SHA-256`
    /// @param cost iterations of each try
    /// @param data what the signature binds too
    /// @param expiresAt Unix time in seconds
    /// @param keyLength bytes
    /// @param keyPrefix hex; the first counter whose key begins with it is the solution
    /// @param keySignature hex HMAC-SHA-256 over that key
    /// @param nonce hex, begins each password; the counter follows in four bytes
    /// @param salt hex
    @Serdeable
    public record Parameters(
            String algorithm,
            int cost,
            Bound data,
            long expiresAt,
            int keyLength,
            String keyPrefix,
            String keySignature,
            String nonce,
            String salt) {}

    /// @param site the challenge is good for this one alone
    @Serdeable
    public record Bound(String site) {}

    /// What comes back, as JSON in base64.
    @Serdeable
    public record Solved(Challenge challenge, Solution solution) {}

    /// @param counter of the key
    /// @param derivedKey hex
    @Serdeable
    public record Solution(long counter, String derivedKey) {}
}
