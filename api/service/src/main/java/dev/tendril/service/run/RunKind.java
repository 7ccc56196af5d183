package dev.tendril.service.run;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.service.database.Tx;
import java.sql.SQLException;
import java.util.List;
import java.util.function.BiConsumer;

/// A feature whose work is queued. Both calls happen inside the queue's transaction.
public interface RunKind {

    /// The value of [Run#kind].
    String name();

    /// What came before each run's message, oldest first, ending with that message.
    ///
    /// @param then may be called as late as with the commit
    void histories(Tx tx, List<Run> runs, BiConsumer<Run, List<ChatMessage>> then)
            throws SQLException;

    /// Keeps the outcomes. Called once per answer, in the transaction that ends the run.
    void ended(Tx tx, List<EndedRun> ended) throws SQLException;
}
