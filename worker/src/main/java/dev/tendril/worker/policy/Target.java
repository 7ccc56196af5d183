package dev.tendril.worker.policy;

import java.nio.file.Path;

/// Something that a tool call would touch, named before the tool runs.
public sealed interface Target {
    /// A file or directory to read.
    ///
    /// @param path absolute and normalised
    record Read(Path path) implements Target {}

    /// A file or directory to create or change.
    ///
    /// @param path absolute and normalised
    record Write(Path path) implements Target {}

    /// A host to connect to.
    ///
    /// @param name lower case, without a trailing dot
    record Host(String name) implements Target {}

    /// A program to execute.
    ///
    /// @param name as the model gave it
    record Program(String name) implements Target {}
}
