package dev.tendril.contract.chat;

import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the AI SDK's default transport sends for a message, or to have the last one answered again.
/// What else stands in it is not read.
///
/// @param id the page's own name of the chat, 1 to 100 of `A-Za-z0-9._:-`; an alias within the
///   visitor's session, and never the id of a chat
/// @param messages the page's history; only the last message of the visitor is read
/// @param message that message alone, from pages that send no history
/// @param trigger `submit-message`, also when absent, or `regenerate-message`
@Serdeable
public record SdkPost(
        String id,
        @Nullable List<Map<String, Object>> messages,
        @Nullable Map<String, Object> message,
        @Nullable String trigger) {}
