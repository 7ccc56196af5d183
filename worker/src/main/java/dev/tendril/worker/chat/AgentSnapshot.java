package dev.tendril.worker.chat;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.chat.Metadata;
import io.micronaut.serde.annotation.Serdeable;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/// Where a chat stands after a turn: the relay keeps it and hands it out with the chat's next
/// claim, to whichever worker gets that.
///
/// @param version of this form, 1
/// @param model that answered
/// @param steps model calls of the turn
/// @param phase why it ended
/// @param usage tokens of the turn
/// @param cost of the turn
/// @param memo what stands for older messages; null while all are sent
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
record AgentSnapshot(
        int version,
        String model,
        int steps,
        @Nullable String phase,
        Metadata.@Nullable Usage usage,
        @Nullable BigDecimal cost,
        @Nullable Memo memo) {
    static final int VERSION = 1;
}
