package dev.tendril.worker.policy;

/// What a tool can do beyond answering. None at all is the empty set.
public enum Effect {
    /// Reads files of this machine.
    READS,
    /// Changes something that outlives the turn.
    WRITES,
    /// Sends bytes to another host, and brings back what that host chose.
    EGRESS,
    /// Reads what this worker remembers about a person.
    PERSONAL
}
