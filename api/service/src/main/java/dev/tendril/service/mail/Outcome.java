package dev.tendril.service.mail;

/// What became of handing a letter to the mail server.
sealed interface Outcome {
    /// The server has it.
    record Accepted() implements Outcome {}

    /// It has not, and may take it later.
    ///
    /// @param why a word for the log and the audit, without an address
    record NotNow(String why) implements Outcome {}

    /// It never will.
    record Never(String why) implements Outcome {}

    /// It may have it: the line broke after the text went out.
    record Unknown() implements Outcome {}
}
