package dev.tendril.worker.model;

/// How an endpoint is spoken to.
public enum Dialect {
    /// OpenAI's chat completions.
    OPENAI,
    /// Anthropic's messages.
    ANTHROPIC
}
