package dev.tendril.contract.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micronaut.serde.annotation.Serdeable;
import org.jspecify.annotations.Nullable;

/// What the visitor thinks of an answer.
///
/// @param messageId the answer
/// @param verdict `up` or `down`; null takes an earlier one back
/// @param words at most 2,000 characters (Unicode code points); null for none
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Feedback(String messageId, @Nullable String verdict, @Nullable String words) {}
