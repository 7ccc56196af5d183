package dev.tendril.worker.tool;

/// A failure whose reason the model is told, e.g. that a page does not exist. The message is a
/// sentence without a secret, a stack or a path outside the allowed directories.
public class ToolException extends Exception {
    private static final long serialVersionUID = 1L;

    /// @param message what happened and, where it makes sense, what to do instead
    public ToolException(String message) {
        super(message);
    }
}
