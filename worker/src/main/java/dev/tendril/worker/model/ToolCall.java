package dev.tendril.worker.model;

import io.micronaut.serde.annotation.Serdeable;

/// A tool call that the model asks for.
///
/// @param id the model's own id
/// @param name the tool
/// @param arguments JSON text as the model wrote it, not checked
@Serdeable
public record ToolCall(String id, String name, String arguments) {}
