package dev.tendril.service.chat;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.service.database.Tx;
import dev.tendril.service.run.EndedRun;
import dev.tendril.service.run.Run;
import dev.tendril.service.run.RunKind;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.function.BiConsumer;

/// Chats in the queue: a run answers one message of a visitor.
@Singleton
final class ChatRuns implements RunKind {

    static final String NAME = "chat";
    static final String POOL = "chat";

    private static final int HISTORY = 60;

    private final ChatStore store;

    ChatRuns(ChatStore store) {
        this.store = store;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void histories(Tx tx, List<Run> runs, BiConsumer<Run, List<ChatMessage>> then) {
        store.beforeTurns(tx, runs, HISTORY, then);
    }

    @Override
    public void ended(Tx tx, List<EndedRun> ended) {
        store.answers(tx, ended);
    }
}
