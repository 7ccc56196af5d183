package dev.tendril.service.worker;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/// A worker's long-lived token, `tnd_wk_<id10>_<43 base62>_<crc6>`: a prefix and a checksum that
/// secret scanners can find, an id that may be listed, 256 random bits. Its [#toString] hides the
/// secret.
///
/// @param id 10 characters of base 62
/// @param text the whole token
public record WorkerToken(String id, String text) {

    private static final String ALPHABET =
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private static final Pattern FORM =
            Pattern.compile("(tnd_wk_([0-9A-Za-z]{10})_[0-9A-Za-z]{43})_([0-9A-Za-z]{6})");
    private static final int ID_CHARS = 10;
    private static final int SECRET_CHARS = 43;
    private static final int CHECK_CHARS = 6;

    /// A new token.
    public static WorkerToken random(SecureRandom random) {
        String id = chars(random, ID_CHARS);
        String body = "tnd_wk_" + id + "_" + chars(random, SECRET_CHARS);
        return new WorkerToken(id, body + "_" + checksum(body));
    }

    /// @return null if it is no worker token, or mistyped
    static @Nullable WorkerToken parse(String text) {
        Matcher form = FORM.matcher(text);
        return form.matches() && checksum(form.group(1)).equals(form.group(3))
                ? new WorkerToken(form.group(2), text)
                : null;
    }

    /// SHA-256 of the whole token: what the database keeps. No salt, since nobody can guess it.
    public byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public String toString() {
        return "tnd_wk_" + id + "_***";
    }

    private static String checksum(String body) {
        var crc = new CRC32();
        crc.update(body.getBytes(US_ASCII));
        var text = new StringBuilder(CHECK_CHARS);
        long rest = crc.getValue();
        for (int i = 0; i < CHECK_CHARS; i++) {
            text.append(ALPHABET.charAt((int) (rest % ALPHABET.length())));
            rest /= ALPHABET.length();
        }
        return text.reverse().toString();
    }

    private static String chars(SecureRandom random, int count) {
        var text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
