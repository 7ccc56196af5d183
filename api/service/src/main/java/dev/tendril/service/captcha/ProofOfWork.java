package dev.tendril.service.captcha;

import dev.tendril.contract.session.CaptchaOffer;
import dev.tendril.service.auth.KeyedHash;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Work for the visitor's machine: about a thousand key derivations, one for us to ask and none to
/// check. ALTCHA's wire, version 2, with signed keys.
///
/// A solution is good once, for one site, until it expires. Checked in this order: form, expiry,
/// signature, key, site, and last whether it was spent.
final class ProofOfWork implements Captcha {

    /// From the offer until the solution must be here.
    static final Duration LIFE = Duration.ofMinutes(10);

    private static final String ALGORITHM = "PBKDF2/SHA-256";
    private static final int COST = 1_000;
    private static final int FEWEST = 300;
    private static final int MOST = 1_100;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 16;
    private static final int PREFIX_BYTES = 16;
    private static final int LONGEST = 4_096;
    private static final Pattern HEX = Pattern.compile("([0-9a-f]{2}){1,64}");
    private static final Pattern SITE = Pattern.compile("[a-z0-9-]{1,40}");
    private static final HexFormat FORMAT = HexFormat.of();

    private final KeyedHash keys;
    private final SpentStore spent;
    private final ObjectMapper json;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    ProofOfWork(KeyedHash keys, SpentStore spent, ObjectMapper json, InstantSource clock) {
        this.keys = keys;
        this.spent = spent;
        this.json = json;
        this.clock = clock;
    }

    @Override
    public CaptchaOffer offer(String site) {
        byte[] nonce = bytes();
        byte[] salt = bytes();
        byte[] key = DerivedKey.of(nonce, random.nextInt(FEWEST, MOST), salt, COST);
        var parameters =
                new CaptchaOffer.Parameters(
                        ALGORITHM,
                        COST,
                        new CaptchaOffer.Bound(site),
                        clock.instant().plus(LIFE).getEpochSecond(),
                        KEY_BYTES,
                        FORMAT.formatHex(key, 0, PREFIX_BYTES),
                        signKey(FORMAT.formatHex(key)),
                        FORMAT.formatHex(nonce),
                        FORMAT.formatHex(salt));
        return new CaptchaOffer(
                "proof-of-work", new CaptchaOffer.Challenge(parameters, sign(parameters)), null);
    }

    @Override
    public boolean accepts(@Nullable String shown, String site) {
        CaptchaOffer.Solved solved = read(shown);
        if (solved == null) {
            return false;
        }
        CaptchaOffer.Parameters asked = solved.challenge().parameters();
        return wellFormed(asked)
                && asked.expiresAt() >= clock.instant().getEpochSecond()
                && same(sign(asked), solved.challenge().signature())
                && HEX.matcher(solved.solution().derivedKey()).matches()
                && same(signKey(solved.solution().derivedKey()), asked.keySignature())
                && asked.data().site().equals(site)
                && spent.spend(solved.challenge().signature(), asked.expiresAt());
    }

    private CaptchaOffer.@Nullable Solved read(@Nullable String shown) {
        if (shown == null || shown.length() > LONGEST) {
            return null;
        }
        try {
            return json.readValue(Base64.getDecoder().decode(shown), CaptchaOffer.Solved.class);
        } catch (IOException | IllegalArgumentException _) {
            return null;
        }
    }

    /// Nothing in it needs an escape in JSON.
    private static boolean wellFormed(CaptchaOffer.Parameters asked) {
        return asked.algorithm().equals(ALGORITHM)
                && HEX.matcher(asked.keyPrefix()).matches()
                && HEX.matcher(asked.keySignature()).matches()
                && HEX.matcher(asked.nonce()).matches()
                && HEX.matcher(asked.salt()).matches()
                && SITE.matcher(asked.data().site()).matches();
    }

    private String sign(CaptchaOffer.Parameters asked) {
        return FORMAT.formatHex(keys.of("captcha challenge", canonical(asked)));
    }

    /// Names sorted, no white space.
    static String canonical(CaptchaOffer.Parameters asked) {
        return """
        {"algorithm":"%s","cost":%d,"data":{"site":"%s"},"expiresAt":%d,"keyLength":%d,\
        "keyPrefix":"%s","keySignature":"%s","nonce":"%s","salt":"%s"}\
        """
                .formatted(
                        asked.algorithm(),
                        asked.cost(),
                        asked.data().site(),
                        asked.expiresAt(),
                        asked.keyLength(),
                        asked.keyPrefix(),
                        asked.keySignature(),
                        asked.nonce(),
                        asked.salt());
    }

    private String signKey(String derivedKey) {
        return FORMAT.formatHex(keys.of("captcha key", derivedKey));
    }

    private static boolean same(String a, String b) {
        return MessageDigest.isEqual(
                a.getBytes(java.nio.charset.StandardCharsets.US_ASCII),
                b.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    }

    private byte[] bytes() {
        byte[] bytes = new byte[NONCE_BYTES];
        random.nextBytes(bytes);
        return bytes;
    }
}
