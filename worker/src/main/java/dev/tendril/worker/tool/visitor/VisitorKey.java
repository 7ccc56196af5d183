package dev.tendril.worker.tool.visitor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// A visitor's key as files carry it: nobody reads from it who the visitor is, and no key can name
/// another file.
final class VisitorKey {
    private VisitorKey() {}

    static String of(String visitor) {
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256")
                            .digest(visitor.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
