package dev.tendril.service.run;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.service.database.Tx;
import java.sql.SQLException;
import java.util.List;

/// A feature whose work is queued. Both calls happen inside the queue's transaction.
public interface RunKind {

    /// The value of [Run#kind].
    String name();

    /// What came before the run's message, oldest first, ending with that message.
    List<ChatMessage> history(Tx tx, Run run) throws SQLException;

    /// Keeps the outcome. Called once per answer, in the transaction that ends the run.
    void ended(Tx tx, EndedRun ended) throws SQLException;
}
