package dev.tendril.contract.run;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.tendril.contract.chat.ChatMessage;
import io.micronaut.serde.annotation.Serdeable;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A run with the time-limited right to execute it.
///
/// Only the database's clock decides expiry. The worker stops acting 5 s before the lease would
/// end, measured on its own monotonic clock from the *start* of its last successful renewal.
///
/// @param runId the run
/// @param kind `chat`
/// @param attempt tries so far, this one included
/// @param fence rises with each claim, reap and release
/// @param leaseToken random; every write carries it, a stale one gets `409 lease_lost`
/// @param offerMs the first call must come within this time, else the run is offered again
/// @param leaseMs lease after the first call and after each renewal
/// @param chatId the chat and its stream
/// @param messageId the message to answer: the last one of `history`
/// @param answerId id for the `start` frame
/// @param opened an earlier attempt has written `start`; do not write it again
/// @param checkpoint where the last attempt got to; null at the beginning
/// @param snapshot what the worker left with the chat's last turn that left something; null for
///   none
/// @param history finished messages of the chat, oldest first, at most 60, ending with the message
///   to answer
@Serdeable
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ClaimedRun(
        long runId,
        String kind,
        int attempt,
        long fence,
        UUID leaseToken,
        long offerMs,
        long leaseMs,
        UUID chatId,
        String messageId,
        String answerId,
        boolean opened,
        @Nullable Checkpoint checkpoint,
        @Nullable String snapshot,
        List<ChatMessage> history) {
    /// Copies the history.
    public ClaimedRun {
        history = List.copyOf(history);
    }
}
