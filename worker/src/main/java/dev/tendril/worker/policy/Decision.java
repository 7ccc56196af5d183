package dev.tendril.worker.policy;

/// Whether a call may happen, and by which rule.
public sealed interface Decision {
    /// The rule's id, e.g. `visitor.tools`; stable, for logs and traces.
    String rule();

    /// It may.
    record Allowed(String rule) implements Decision {}

    /// It may not.
    ///
    /// @param reason a sentence for the model and the operator; names the value that was refused,
    ///   no secret and no directory of this machine
    record Denied(String rule, String reason) implements Decision {}
}
