package dev.tendril.infra.ledger;

/// What holds whatever dies. Each name stands in what a drill prints when it does not hold.
public enum Invariant {
    /// Each acknowledged message has a run.
    I1("I1", "each acknowledged message has a run"),
    /// Each run ends.
    I1B("I1b", "each run ends"),
    /// An answered run has exactly one `done`, and is told to readers once.
    I2("I2", "exactly one end per answer"),
    /// One run per message id, however often the message was sent.
    I2B("I2b", "one run per message id"),
    /// The frames of a stream are numbered from 1 without a gap.
    I3("I3", "seq is 1…n"),
    /// Answers end in the order of their messages.
    I4("I4", "answers in message order"),
    /// No write under an older lease counts once a newer one was given.
    I5("I5", "no write of an older fence after a newer one"),
    /// The answer is what the winning attempt wrote.
    I6("I6", "answer = what the winning fence wrote"),
    /// What was acknowledged to a worker exists.
    I7("I7", "acknowledged batches and completions exist"),
    /// No reader saw a gap or a repeat.
    I8("I8", "no reader saw a gap"),
    /// Nothing that a reader saw changed or vanished.
    I9("I9", "nothing seen changed or vanished"),
    /// Everything that is stored was delivered.
    I9B("I9b", "everything was delivered"),
    /// Work is claimed soon after the last fault.
    LIVE("live", "first claim within lease + 5 s + 1 s of the last fault");

    private final String label;
    private final String meaning;

    Invariant(String label, String meaning) {
        this.label = label;
        this.meaning = meaning;
    }

    /// As reports name it.
    public String label() {
        return label;
    }

    /// In one line.
    public String meaning() {
        return meaning;
    }
}
