package dev.tendril.infra.stub;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Body of `POST /v1/chat/completions`, as far as the stub reads it.
///
/// @param model any name; what stands after a colon are settings of [StubPlan]
/// @param messages as the caller sent them
/// @param stream whether to answer as an event stream
/// @param streamOptions `include_usage`
/// @param tools what the caller offers
@Serdeable
record ModelRequest(
        String model,
        List<Message> messages,
        @Nullable Boolean stream,
        @JsonProperty("stream_options") @Nullable StreamOptions streamOptions,
        @Nullable List<Map<String, Object>> tools) {

    /// @param content text, or a list of parts of which the `text` ones count
    @Serdeable
    record Message(String role, @Nullable Object content) {
        String text() {
            if (content instanceof String text) {
                return text;
            }
            if (content instanceof List<?> parts) {
                var joined = new StringBuilder();
                for (Object part : parts) {
                    if (part instanceof Map<?, ?> map && map.get("text") instanceof String text) {
                        joined.append(text);
                    }
                }
                return joined.toString();
            }
            return "";
        }
    }

    @Serdeable
    record StreamOptions(@JsonProperty("include_usage") @Nullable Boolean includeUsage) {}

    boolean streamed() {
        return Boolean.TRUE.equals(stream);
    }

    boolean wantsUsage() {
        return streamOptions != null && Boolean.TRUE.equals(streamOptions.includeUsage);
    }

    /// The last user message's text, empty if there is none.
    String lastUserText() {
        for (int i = messages.size() - 1; i >= 0; i--) {
            if (messages.get(i).role().equals("user")) {
                return messages.get(i).text();
            }
        }
        return "";
    }

    int userMessages() {
        return (int) messages.stream().filter(m -> m.role().equals("user")).count();
    }

    /// The texts of the tool results after the last user message.
    List<String> toolResults() {
        int from = 0;
        for (int i = 0; i < messages.size(); i++) {
            if (messages.get(i).role().equals("user")) {
                from = i;
            }
        }
        return messages.subList(from, messages.size()).stream()
                .filter(m -> m.role().equals("tool"))
                .map(Message::text)
                .toList();
    }

    boolean offers(String tool) {
        return tools != null
                && tools.stream()
                        .anyMatch(t ->
                                t.get("function") instanceof Map<?, ?> f
                                        && tool.equals(f.get("name")));
    }
}
