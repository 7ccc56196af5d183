package dev.tendril.service.captcha;

import dev.tendril.contract.session.CaptchaOffer;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Base64;
import java.util.HexFormat;

/// Does the work, as a browser would.
public final class Solver {

    private Solver() {}

    /// What the relay wants to see.
    public static String solved(CaptchaOffer.Challenge challenge) {
        return text(challenge, solution(challenge));
    }

    static CaptchaOffer.Solution solution(CaptchaOffer.Challenge challenge) {
        var asked = challenge.parameters();
        HexFormat hex = HexFormat.of();
        byte[] nonce = hex.parseHex(asked.nonce());
        byte[] salt = hex.parseHex(asked.salt());
        for (int counter = 0; counter < 10_000; counter++) {
            String key = hex.formatHex(DerivedKey.of(nonce, counter, salt, asked.cost()));
            if (key.startsWith(asked.keyPrefix())) {
                return new CaptchaOffer.Solution(counter, key);
            }
        }
        throw new AssertionError("no solution");
    }

    static String text(CaptchaOffer.Challenge challenge, CaptchaOffer.Solution solution) {
        try {
            return Base64.getEncoder()
                    .encodeToString(
                            ObjectMapper.getDefault()
                                    .writeValueAsBytes(
                                            new CaptchaOffer.Solved(challenge, solution)));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
