package dev.tendril.contract.channel;

import java.math.BigInteger;
import java.util.Arrays;
import java.util.Locale;

/// What people compare.
public final class Fingerprint {

    private static final String CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    private static final BigInteger DIGITS = BigInteger.valueOf(100_000_000);

    private Fingerprint() {}

    /// The fingerprint of a long-lived public key: 100 bits in Crockford's base 32, as five groups
    /// of four characters joined by hyphens. An attacker may search for a look-alike key for years,
    /// offline, so this must be long.
    public static String ofKey(byte[] publicKey) {
        byte[] hash = Hashes.labelled("tendril static key", publicKey);
        BigInteger bits = new BigInteger(1, Arrays.copyOf(hash, 13)).shiftRight(4);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 20; i++) {
            if (i > 0 && i % 4 == 0) {
                text.append('-');
            }
            text.append(CROCKFORD.charAt(bits.shiftRight(95 - 5 * i).intValue() & 31));
        }
        return text.toString();
    }

    /// The digits of one session, `1234 5678`, equal on both sides exactly when both ran the same
    /// handshake. An attacker gets one guess per pairing link and cannot search, since the worker's
    /// ephemeral key comes last: 8 digits leave a chance of 1 in 100,000,000.
    static String ofSession(byte[] handshakeHash) {
        byte[] hash = Hashes.labelled("tendril session digits", handshakeHash);
        String digits =
                String.format(
                        Locale.ROOT, "%08d", new BigInteger(1, Arrays.copyOf(hash, 8)).mod(DIGITS));
        return digits.substring(0, 4) + " " + digits.substring(4);
    }
}
