package dev.tendril.worker.tool.files;

import dev.tendril.worker.tool.ToolException;
import java.nio.charset.StandardCharsets;

/// Bytes of files as text.
final class Texts {
    private static final int SNIFF = 8 * 1024;

    private Texts() {}

    static boolean binary(byte[] content) {
        int zeros = 0;
        for (int i = 0; i < Math.min(SNIFF, content.length); i++) {
            zeros += content[i] == 0 ? 1 : 0;
        }
        return zeros > 0;
    }

    /// UTF-8; broken bytes become replacement characters.
    static String of(Place place, byte[] content) throws ToolException {
        if (binary(content)) {
            throw new ToolException(
                    place.relative() + " is a binary file of " + content.length + " bytes.");
        }
        return new String(content, StandardCharsets.UTF_8);
    }
}
