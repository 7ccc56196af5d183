package dev.tendril.service.attachment;

/// How the decoding of an image ended; the ordinal is what its process says first.
enum Verdict {
    /// The image follows.
    DEVELOPED,
    /// No image of a known kind, or a broken one.
    UNREADABLE,
    /// More pixels than are decoded.
    TOO_MANY_PIXELS
}
