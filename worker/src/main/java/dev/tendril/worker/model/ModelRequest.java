package dev.tendril.worker.model;

import java.util.List;

/// A question with what the model must know to answer it.
///
/// @param system who the model is and what it must hold to
/// @param messages oldest first; the last one is answered
/// @param tools what it may call, sorted by name so that equal sets are equal bytes
public record ModelRequest(String system, List<PromptMessage> messages, List<ToolSpec> tools) {
    /// Copies the lists.
    public ModelRequest {
        messages = List.copyOf(messages);
        tools = List.copyOf(tools);
    }
}
