package dev.tendril.worker.model;

/// Something that answers.
public interface ModelClient {
    /// What visitors are told about it. Cheap; may change when a name is learned late.
    ModelInfo info();

    /// What is known about it.
    default ModelTraits traits() {
        return ModelTraits.UNKNOWN;
    }

    /// Begins an answer; returns at once, failures come from the stream.
    ModelStream stream(ModelRequest request);
}
