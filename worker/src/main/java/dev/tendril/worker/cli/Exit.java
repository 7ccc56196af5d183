package dev.tendril.worker.cli;

/// Exit values of the program.
public final class Exit {
    /// Drained, as asked.
    public static final int OK = 0;

    /// Something unforeseen; the log has it.
    public static final int BROKEN = 1;

    /// A wrong or missing option, or a file that it names cannot be read.
    public static final int USAGE = 2;

    /// The relay does not accept the token or the key.
    public static final int REFUSED = 3;

    /// The data directory cannot be used.
    public static final int DATA = 4;

    private Exit() {}
}
