package dev.tendril.worker.cli;

import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Answers what a policy would let a role do, without doing it.
public interface PolicyQuestions {
    /// The tools that the role is shown, sorted.
    List<String> tools(Path dataDir, Policy policy, Role role) throws IOException;

    /// Whether a call would run.
    ///
    /// @param arguments JSON text
    /// @return `allowed`, or the refusal in a sentence with its rule
    Answer explain(Path dataDir, Policy policy, Role role, String tool, String arguments)
            throws IOException;

    /// @param allowed whether it would run
    /// @param sentence why
    record Answer(boolean allowed, String sentence) {}
}
