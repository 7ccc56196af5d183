package dev.tendril.service.stream;

/// What a [Hint] is about.
public enum Topic {
    /// A run became ready; the key is `<workspace>/<pool>`.
    WORK,
    /// A stream grew; the key is its id, the number its last seq.
    STREAM,
    /// A run was taken from its worker; the key is the run's id.
    RUN,
    /// The order of a workspace's queue changed; the key is the workspace's id.
    QUEUE
}
