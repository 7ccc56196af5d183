package dev.tendril.worker.model;

/// @param name as visitors see it
/// @param kind `llm` or `guide`
public record ModelInfo(String name, String kind) {
    /// A language model.
    public static final String LLM = "llm";

    /// The built-in extractive answerer.
    public static final String GUIDE = "guide";
}
