package dev.tendril.service.mail;

import io.micronaut.context.annotation.Property;
import io.micronaut.context.exceptions.ConfigurationException;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The mail server that letters go to, `TENDRIL_SMTP_*`. Without `TENDRIL_SMTP_HOST` no letter is
/// sent, and the pages offer none.
@Singleton
public final class SmtpSettings {

    private final @Nullable String host;
    private final int port;
    private final Security security;
    private final @Nullable String user;
    private final @Nullable String password;
    private final @Nullable Path trust;
    private final @Nullable EmailAddress from;
    private final Pace pace;

    /// @param security `starttls` (required, not hoped for), `tls` from the first byte, or `none`
    /// @param trustFile certificates in PEM that are trusted instead of the platform's
    SmtpSettings(
            @Nullable @Property(name = "tendril.smtp.host") String host,
            @Nullable @Property(name = "tendril.smtp.port") Integer port,
            @Property(name = "tendril.smtp.security", defaultValue = "starttls") String security,
            @Nullable @Property(name = "tendril.smtp.user") String user,
            @Nullable @Property(name = "tendril.smtp.password-file") String passwordFile,
            @Nullable @Property(name = "tendril.smtp.trust-file") String trustFile,
            @Nullable @Property(name = "tendril.smtp.from") String from,
            Pace pace) {
        this.host = host == null || host.isBlank() ? null : host.strip();
        this.security =
                switch (security) {
                    case "starttls" -> Security.STARTTLS;
                    case "tls" -> Security.TLS;
                    case "none" -> Security.NONE;
                    default ->
                            throw new ConfigurationException(
                                    "TENDRIL_SMTP_SECURITY is starttls, tls or none.");
                };
        this.port = port != null ? port : this.security == Security.TLS ? 465 : 587;
        this.user = user;
        this.trust = trustFile == null ? null : Path.of(trustFile);
        this.from = EmailAddress.parse(from);
        this.pace = pace;
        this.password = passwordFile == null ? null : read(Path.of(passwordFile));
        if (this.host != null && this.from == null) {
            throw new ConfigurationException(
                    "TENDRIL_SMTP_FROM is the address that letters come from, such as"
                            + " chat@example.org.");
        }
        if (user != null && this.security == Security.NONE) {
            throw new ConfigurationException(
                    "TENDRIL_SMTP_SECURITY=none would send the password in clear; use starttls or"
                            + " tls.");
        }
    }

    /// Whether letters can be sent.
    public boolean isOn() {
        return host != null;
    }

    /// Whether it is the address that our letters come from: nobody is sent to it.
    public boolean isOurs(EmailAddress address) {
        return from != null && from.counted().equals(address.counted());
    }

    /// Letters of one site in 24 h, codes and transcripts together counted as one.
    public int perDay() {
        return pace.perDay();
    }

    String host() {
        return host == null ? "" : host;
    }

    int port() {
        return port;
    }

    Security security() {
        return security;
    }

    @Nullable String user() {
        return user;
    }

    @Nullable String password() {
        return password;
    }

    @Nullable Path trust() {
        return trust;
    }

    String from() {
        return from == null ? "" : from.text();
    }

    Pace pace() {
        return pace;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read TENDRIL_SMTP_PASSWORD_FILE " + file, e);
        }
    }

    /// How the line to the server is kept safe.
    enum Security {
        STARTTLS,
        TLS,
        NONE
    }

    /// Times and limits.
    @Singleton
    static final class Pace {
        private static final Duration LONGEST = Duration.ofMinutes(1);

        private final Duration timeout;
        private final Duration retry;
        private final int perDay;

        /// @param timeout for connecting, and for each answer of the server
        /// @param retry first pause after a failure; each further one is twice as long, up to 1 h
        Pace(
                @Property(name = "tendril.smtp.timeout", defaultValue = "10s") Duration timeout,
                @Property(name = "tendril.smtp.retry", defaultValue = "30s") Duration retry,
                @Property(name = "tendril.smtp.daily", defaultValue = "200") int perDay) {
            if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(LONGEST) > 0) {
                throw new ConfigurationException("TENDRIL_SMTP_TIMEOUT is more than 0, up to 1m.");
            }
            this.timeout = timeout;
            this.retry = retry;
            this.perDay = perDay;
        }

        int timeoutMs() {
            return (int) timeout.toMillis();
        }

        /// The pause after so many tries.
        Duration after(int attempts) {
            Duration pause = retry.multipliedBy(1L << Math.min(attempts - 1, 16));
            return pause.compareTo(Duration.ofHours(1)) > 0 ? Duration.ofHours(1) : pause;
        }

        int perDay() {
            return perDay;
        }
    }
}
