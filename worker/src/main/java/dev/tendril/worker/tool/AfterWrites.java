package dev.tendril.worker.tool;

import org.jspecify.annotations.Nullable;

/// What is checked after a step of a turn has changed files.
public interface AfterWrites {
    /// Nothing.
    AfterWrites NOTHING = () -> null;

    /// Checks, and waits for the end of it.
    ///
    /// @return what is wrong, in words for the model; null when all is well
    @Nullable String check() throws InterruptedException;
}
