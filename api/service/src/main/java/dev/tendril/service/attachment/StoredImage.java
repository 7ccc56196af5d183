package dev.tendril.service.attachment;

import io.micronaut.http.HttpResponse;
import io.micronaut.http.MediaType;
import io.micronaut.http.MutableHttpResponse;

/// An image as it is kept.
///
/// @param mediaType `image/jpeg` or `image/png`
/// @param bytes not to be changed
@SuppressWarnings("ArrayRecordComponent") // never compared
public record StoredImage(String mediaType, byte[] bytes) {

    /// As an answer: a file that no browser opens as a page, good for ever in the cache of whoever
    /// may see it and in no other.
    public MutableHttpResponse<byte[]> answer() {
        String name = mediaType.equals("image/png") ? "image.png" : "image.jpg";
        return HttpResponse.ok(bytes)
                .contentType(MediaType.of(mediaType))
                .header("Content-Disposition", "attachment; filename=\"" + name + "\"")
                .header("Content-Security-Policy", "sandbox; default-src 'none'")
                .header("Cache-Control", "private, max-age=31536000, immutable");
    }
}
