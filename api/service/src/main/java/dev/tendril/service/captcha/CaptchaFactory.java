package dev.tendril.service.captcha;

import dev.tendril.service.auth.KeyedHash;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Property;
import io.micronaut.context.exceptions.ConfigurationException;
import io.micronaut.serde.ObjectMapper;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;

/// Chooses by `TENDRIL_CAPTCHA`.
@Factory
final class CaptchaFactory {

    /// @param kind `proof-of-work`, `turnstile`, `hcaptcha` or `none`
    /// @param siteKey `TENDRIL_CAPTCHA_SITE_KEY`, as those two gave it
    /// @param secretFile `TENDRIL_CAPTCHA_SECRET_FILE`
    /// @param verify `TENDRIL_CAPTCHA_VERIFY_URL`; empty for theirs
    @Singleton
    Captcha captcha(
            @Property(name = "tendril.captcha", defaultValue = "proof-of-work") String kind,
            @Property(name = "tendril.captcha-site-key", defaultValue = "") String siteKey,
            @Property(name = "tendril.captcha-secret-file", defaultValue = "") String secretFile,
            @Property(name = "tendril.captcha-verify-url", defaultValue = "") String verify,
            KeyedHash keys,
            SpentStore spent,
            ObjectMapper json,
            InstantSource clock) {
        return switch (kind) {
            case "none" -> new NoCaptcha();
            case "proof-of-work" -> new ProofOfWork(keys, spent, json, clock);
            case "turnstile" ->
                    elsewhere(
                            kind,
                            siteKey,
                            secretFile,
                            verify.isEmpty()
                                    ? "https://challenges.cloudflare.com/turnstile/v0/siteverify"
                                    : verify,
                            json);
            case "hcaptcha" ->
                    elsewhere(
                            kind,
                            siteKey,
                            secretFile,
                            verify.isEmpty() ? "https://api.hcaptcha.com/siteverify" : verify,
                            json);
            default ->
                    throw new ConfigurationException(
                            "TENDRIL_CAPTCHA is proof-of-work, turnstile, hcaptcha or none.");
        };
    }

    private static Captcha elsewhere(
            String kind, String siteKey, String secretFile, String verify, ObjectMapper json) {
        if (siteKey.isBlank() || secretFile.isBlank()) {
            throw new ConfigurationException(
                    "TENDRIL_CAPTCHA="
                            + kind
                            + " needs TENDRIL_CAPTCHA_SITE_KEY and TENDRIL_CAPTCHA_SECRET_FILE.");
        }
        try {
            String secret = Files.readString(Path.of(secretFile)).strip();
            return new AskedElsewhere(kind, siteKey, secret, URI.create(verify), json);
        } catch (IOException e) {
            throw new ConfigurationException("TENDRIL_CAPTCHA_SECRET_FILE cannot be read.", e);
        }
    }
}
