package dev.tendril.worker.tool;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.worker.policy.Role;
import java.util.List;

/// On whose behalf a turn's tools run. Comes from the run and from what this worker verified, never
/// from a model.
///
/// @param role decides which tools there are
/// @param visitor opaque and stable key of the person, at most 200 characters
/// @param chat the chat's id
/// @param turn unique for the turn and the same in each of its attempts
/// @param memory whether the person agreed that this worker remembers things about them
/// @param history the chat's own finished messages, oldest first
public record ToolContext(
        Role role,
        String visitor,
        String chat,
        String turn,
        boolean memory,
        List<ChatMessage> history) {
    /// Copies the history.
    public ToolContext {
        history = List.copyOf(history);
    }
}
