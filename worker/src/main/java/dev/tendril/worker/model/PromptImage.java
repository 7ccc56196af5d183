package dev.tendril.worker.model;

import io.micronaut.serde.annotation.Serdeable;

/// An image as a model gets it.
///
/// @param mediaType such as `image/jpeg`
/// @param base64 its bytes
@Serdeable
public record PromptImage(String mediaType, String base64) {}
