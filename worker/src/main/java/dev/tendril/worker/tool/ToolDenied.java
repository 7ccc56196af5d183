package dev.tendril.worker.tool;

/// A rule that could only be applied while the tool acted refused the call, e.g. the address that a
/// host name stood for.
public final class ToolDenied extends ToolException {
    private static final long serialVersionUID = 1L;

    private final String rule;

    /// @param rule its id, e.g. `fetch.address`
    /// @param message a sentence for the model
    public ToolDenied(String rule, String message) {
        super(message);
        this.rule = rule;
    }

    /// The rule's id.
    public String rule() {
        return rule;
    }
}
