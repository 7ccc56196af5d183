package dev.tendril.contract.chat;

import io.micronaut.serde.annotation.Serdeable;
import java.util.UUID;

/// An image that the relay has taken in: decoded and written anew, with nothing else in it.
///
/// @param id names it
/// @param url path for a `file` part, `/api/v1/attachments/<id>`; good for its visitor alone
/// @param mediaType `image/jpeg` or `image/png`, whatever was sent
/// @param width pixels, at most 2,048
/// @param height pixels, at most 2,048
/// @param bytes of the stored image
@Serdeable
public record Attachment(UUID id, String url, String mediaType, int width, int height, int bytes) {}
