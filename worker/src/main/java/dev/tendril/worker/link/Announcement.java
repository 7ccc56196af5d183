package dev.tendril.worker.link;

import java.util.UUID;

/// What a worker tells the relay about itself with each session.
///
/// @param model the model's name as visitors see it
/// @param modelKind `llm` or `guide`
/// @param version the worker's version
/// @param instance this process
public record Announcement(String model, String modelKind, String version, UUID instance) {}
