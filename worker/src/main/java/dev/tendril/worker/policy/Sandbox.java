package dev.tendril.worker.policy;

/// How `run_command` confines a program.
public enum Sandbox {
    /// Only inside bubblewrap; without it, no command runs.
    REQUIRED,
    /// Inside bubblewrap when it works on this machine.
    PREFERRED,
    /// Never: programs run with all rights of the worker's user.
    OFF
}
