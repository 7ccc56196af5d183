package dev.tendril.worker.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A tool as the model is told of it.
///
/// @param name `[a-zA-Z0-9_-]{1,64}`
/// @param description when to use it
/// @param parameters JSON schema of the arguments
public record ToolSpec(String name, String description, Map<String, @Nullable Object> parameters) {}
