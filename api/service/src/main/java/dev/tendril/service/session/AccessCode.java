package dev.tendril.service.session;

import java.security.SecureRandom;
import org.jspecify.annotations.Nullable;

/// An access code such as `K7Q2-9XPM4-T3H8D-WZ5RC`: 4 characters that find the row and 15 that
/// nobody can guess (75 bits), in Crockford's base 32. Its [#toString] hides the secret.
///
/// @param publicId 4 characters, may be logged and listed
/// @param secret 15 characters
public record AccessCode(String publicId, String secret) {

    private static final String ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final int PUBLIC_CHARS = 4;
    private static final int SECRET_CHARS = 15;
    private static final int LONGEST_INPUT = 64;

    /// A new code.
    public static AccessCode random(SecureRandom random) {
        return new AccessCode(chars(random, PUBLIC_CHARS), chars(random, SECRET_CHARS));
    }

    /// Reads what a person typed: case, blanks and dashes do not count; O is 0, I and L are 1.
    ///
    /// @return null if it cannot be a code
    static @Nullable AccessCode parse(@Nullable String typed) {
        if (typed == null || typed.length() > LONGEST_INPUT) {
            return null;
        }
        var canonical = new StringBuilder(PUBLIC_CHARS + SECRET_CHARS);
        for (int i = 0; i < typed.length(); i++) {
            char c = typed.charAt(i);
            if (c == '-' || c == '\u2013' || Character.isWhitespace(c)) {
                continue;
            }
            char digit =
                    switch (c) {
                        case 'o', 'O' -> '0';
                        case 'i', 'I', 'l', 'L' -> '1';
                        default -> c >= 'a' && c <= 'z' ? (char) (c - 'a' + 'A') : c;
                    };
            if (ALPHABET.indexOf(digit) < 0) {
                return null;
            }
            canonical.append(digit);
        }
        if (canonical.length() != PUBLIC_CHARS + SECRET_CHARS) {
            return null;
        }
        return new AccessCode(
                canonical.substring(0, PUBLIC_CHARS), canonical.substring(PUBLIC_CHARS));
    }

    /// To be handed to a visitor, with dashes.
    public String text() {
        return String.join(
                "-",
                publicId,
                secret.substring(0, 5),
                secret.substring(5, 10),
                secret.substring(10));
    }

    @Override
    public String toString() {
        return publicId + "-***";
    }

    private static String chars(SecureRandom random, int count) {
        var text = new StringBuilder(count);
        for (int i = 0; i < count; i++) {
            text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
        }
        return text.toString();
    }
}
