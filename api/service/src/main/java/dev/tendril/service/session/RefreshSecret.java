package dev.tendril.service.session;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/// A refresh secret: 256 random bits. The database has its SHA-256, which needs no salt for a
/// secret that nobody can guess.
///
/// @param text as the visitor keeps it
record RefreshSecret(String text) {

    private static final int LONGEST = 128;

    static RefreshSecret random(SecureRandom random) {
        byte[] bytes = new byte[32];
        random.nextBytes(bytes);
        return new RefreshSecret(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
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
