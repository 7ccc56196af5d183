package dev.tendril.service.attachment;

import org.jspecify.annotations.Nullable;

/// The kinds of images that are taken, known by their first bytes, whatever a file calls itself.
enum ImageKind {
    PNG(40_000_000),
    JPEG(40_000_000),
    GIF(40_000_000),
    /// Its decoder keeps about 30 bytes for each pixel; the others skip lines and columns while
    /// they read.
    WEBP(12_000_000);

    private final long mostPixels;

    ImageKind(long mostPixels) {
        this.mostPixels = mostPixels;
    }

    /// Larger ones are not decoded.
    long mostPixels() {
        return mostPixels;
    }

    /// The kind of these bytes; null when they are none of these.
    static @Nullable ImageKind of(byte[] bytes) {
        if (starts(bytes, 0, "\u0089PNG\r\n\u001a\n")) {
            return PNG;
        }
        if (starts(bytes, 0, "\u00ff\u00d8\u00ff")) {
            return JPEG;
        }
        if (starts(bytes, 0, "GIF87a") || starts(bytes, 0, "GIF89a")) {
            return GIF;
        }
        return starts(bytes, 0, "RIFF") && starts(bytes, 8, "WEBP") ? WEBP : null;
    }

    private static boolean starts(byte[] bytes, int at, String latin1) {
        if (bytes.length < at + latin1.length()) {
            return false;
        }
        for (int i = 0; i < latin1.length(); i++) {
            if ((bytes[at + i] & 0xff) != latin1.charAt(i)) {
                return false;
            }
        }
        return true;
    }
}
