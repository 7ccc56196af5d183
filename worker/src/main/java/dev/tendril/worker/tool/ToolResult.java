package dev.tendril.worker.tool;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a tool returns.
///
/// @param value a JSON value as `dev.tendril.worker.json` defines them
/// @param sources pages that an answer with this result rests on
public record ToolResult(@Nullable Object value, List<Source> sources) {
    /// Copies the sources.
    public ToolResult {
        sources = List.copyOf(sources);
    }

    /// A result that rests on no page.
    public static ToolResult of(@Nullable Object value) {
        return new ToolResult(value, List.of());
    }

    /// @param url absolute, or `content:<file>#<anchor>` for a page without an address of its own
    /// @param title for people
    public record Source(String url, String title) {}
}
