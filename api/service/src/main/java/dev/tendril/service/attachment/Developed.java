package dev.tendril.service.attachment;

/// An image that was decoded and written anew.
///
/// @param mediaType `image/jpeg` or `image/png`
/// @param content the image
/// @param thumbnail a small JPEG
@SuppressWarnings("ArrayRecordComponent") // never compared
record Developed(String mediaType, int width, int height, byte[] content, byte[] thumbnail) {}
