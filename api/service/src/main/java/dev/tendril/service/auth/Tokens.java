package dev.tendril.service.auth;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import jakarta.inject.Singleton;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Signs and verifies the short-lived tokens, HS256 only, with keys from our own table. A token is
/// good for one [Kind]; `typ` and `aud` both say which, and both are checked.
///
/// Keys that a header brings along (`jwk`, `jku`, `x5u`, `x5c`) make a token invalid.
@Singleton
public final class Tokens {

    private static final String ISSUER = "tendril";
    private static final String WORKSPACE = "ws";
    private static final String ISSUED_MICROS = "iau";
    private static final int LONGEST = 2048;
    private static final Duration SKEW = Duration.ofSeconds(5);
    private static final Set<String> HEADERS = Set.of("alg", "typ", "kid");

    private final SigningKeys keys;
    private final InstantSource clock;

    Tokens(SigningKeys keys, InstantSource clock) {
        this.keys = keys;
        this.clock = clock;
    }

    /// Signs a token that ends after the kind's life, or at `latest` if that comes first.
    public Issued issue(Kind kind, UUID workspaceId, UUID subject, Instant latest) {
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS);
        Instant end = now.plus(kind.life);
        Instant expires = (end.isBefore(latest) ? end : latest).truncatedTo(ChronoUnit.SECONDS);
        SigningKeys.Key key = keys.active();
        var header =
                new JWSHeader.Builder(JWSAlgorithm.HS256).type(kind.type).keyID(key.kid()).build();
        var claims =
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .audience(kind.audience)
                        .subject(subject.toString())
                        .claim(WORKSPACE, workspaceId.toString())
                        .claim(ISSUED_MICROS, ChronoUnit.MICROS.between(Instant.EPOCH, now))
                        .issueTime(Date.from(now))
                        .notBeforeTime(Date.from(now))
                        .expirationTime(Date.from(expires))
                        .jwtID(UUID.randomUUID().toString())
                        .build();
        var jwt = new SignedJWT(header, claims);
        try {
            jwt.sign(new MACSigner(key.secret()));
        } catch (JOSEException e) {
            throw new IllegalStateException(e);
        }
        return new Issued(jwt.serialize(), expires);
    }

    /// What the token says, or null if it is not a valid token of this kind: other algorithm, type,
    /// audience, issuer or key, edited, expired, not yet valid, malformed.
    public @Nullable Claims verify(Kind kind, String token) {
        if (token.length() > LONGEST) {
            return null;
        }
        try {
            SignedJWT jwt = SignedJWT.parse(token);
            JWSHeader header = jwt.getHeader();
            if (!JWSAlgorithm.HS256.equals(header.getAlgorithm())
                    || !kind.type.equals(header.getType())
                    || header.getKeyID() == null
                    || !HEADERS.containsAll(header.getIncludedParams())) {
                return null;
            }
            SigningKeys.Key key = keys.verifying(header.getKeyID());
            if (key == null || !jwt.verify(new MACVerifier(key.secret()))) {
                return null;
            }
            return checked(kind, jwt.getJWTClaimsSet());
        } catch (ParseException | JOSEException | IllegalArgumentException _) {
            return null;
        }
    }

    /// How long a token with these claims is good from now on.
    Duration left(Claims claims) {
        return Duration.between(clock.instant(), claims.expiresAt());
    }

    private @Nullable Claims checked(Kind kind, JWTClaimsSet claims) throws ParseException {
        Instant now = clock.instant();
        Date expires = claims.getExpirationTime();
        Date notBefore = claims.getNotBeforeTime();
        String subject = claims.getSubject();
        String workspace = claims.getStringClaim(WORKSPACE);
        Long issuedMicros = claims.getLongClaim(ISSUED_MICROS);
        if (!ISSUER.equals(claims.getIssuer())
                || !List.of(kind.audience).equals(claims.getAudience())
                || expires == null
                || !now.isBefore(expires.toInstant())
                || notBefore == null
                || now.plus(SKEW).isBefore(notBefore.toInstant())
                || subject == null
                || workspace == null
                || issuedMicros == null) {
            return null;
        }
        return new Claims(
                UUID.fromString(workspace),
                UUID.fromString(subject),
                Instant.EPOCH.plus(issuedMicros, ChronoUnit.MICROS),
                expires.toInstant());
    }

    /// What a token is for.
    public enum Kind {
        /// A visitor's calls, 15 min; the subject is the session.
        VISITOR("vst+jwt", "visitor", Duration.ofMinutes(15)),
        /// A worker's calls, 15 min; the subject is the worker.
        WORKER("wkr+jwt", "worker", Duration.ofMinutes(15)),
        /// To be signed by a worker's key within 60 s; the subject is the worker.
        WORKER_NONCE("wnc+jwt", "worker-nonce", Duration.ofSeconds(60));

        private final JOSEObjectType type;
        private final String audience;
        private final Duration life;

        Kind(String type, String audience, Duration life) {
            this.type = new JOSEObjectType(type);
            this.audience = audience;
            this.life = life;
        }
    }

    /// @param token compact serialization
    /// @param expiresAt UTC, whole seconds
    public record Issued(String token, Instant expiresAt) {}

    /// @param workspaceId whose
    /// @param subject session or worker
    /// @param issuedAt microsecond precision
    /// @param expiresAt when it ends
    public record Claims(UUID workspaceId, UUID subject, Instant issuedAt, Instant expiresAt) {}
}
