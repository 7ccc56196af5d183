package dev.tendril.service.share;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/// What opens a shared chat: 128 random bits, 22 characters of base64url. The database has its
/// SHA-256, which needs no salt for what nobody can guess.
///
/// @param text as it stands in the link
record ShareToken(String text) {

    private static final int BYTES = 16;
    private static final int LONGEST = 64;

    static ShareToken random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new ShareToken(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    }

    byte[] hash() {
        String bounded = text.length() > LONGEST ? "" : text;
        try {
            return MessageDigest.getInstance("SHA-256").digest(bounded.getBytes(UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "***";
    }
}
