package dev.tendril.service.chat;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.service.database.Tx;
import dev.tendril.service.run.EndedRun;
import dev.tendril.service.run.Run;
import dev.tendril.service.run.RunKind;
import jakarta.inject.Singleton;
import java.sql.SQLException;
import java.util.List;

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
    public List<ChatMessage> history(Tx tx, Run run) throws SQLException {
        return store.beforeTurn(tx, run, HISTORY).stream()
                .map(ChatStore.StoredMessage::message)
                .toList();
    }

    @Override
    public void ended(Tx tx, EndedRun ended) throws SQLException {
        store.answer(tx, ended.run(), ended.parts(), ended.metadata());
    }
}
