package dev.tendril.service.run;

/// Why a turn failed.
///
/// @param code `[a-z_]{1,40}`
/// @param text a sentence for the visitor
public record RunFailure(String code, String text, boolean retryable) {

    static final RunFailure WORKER_LOST =
            new RunFailure(
                    "worker_lost",
                    "The connection to the answering side broke three times. Please try again.",
                    true);

    static final RunFailure DEADLINE =
            new RunFailure(
                    "deadline",
                    "The answer took longer than ten minutes and was ended. Please try again.",
                    true);

    static final RunFailure EXPIRED =
            new RunFailure(
                    "expired", "Nobody was there to answer for a day. Please try again.", true);
}
