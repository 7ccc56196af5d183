package dev.tendril.worker.chat;

import dev.tendril.worker.model.ModelFault;

/// What a visitor is told when a turn fails.
///
/// @param code machine-readable
/// @param text what happened and what to do; no name of a host, a model or a key
/// @param retryable whether a retry button makes sense
record TurnFailure(String code, String text, boolean retryable) {

    /// A fault of this program.
    static final TurnFailure INTERNAL =
            new TurnFailure(
                    "internal",
                    "Something went wrong while the answer was made. Please try again.",
                    true);

    static TurnFailure of(ModelFault fault) {
        return switch (fault) {
            case UNREACHABLE ->
                    again(
                            "model_unavailable",
                            "The model behind this page cannot be reached at the moment. Please try"
                                    + " again in a little while.");
            case NO_ANSWER ->
                    again(
                            "model_timeout",
                            "The model took too long to begin its answer. Please try again.");
            case STALLED ->
                    again(
                            "model_stalled",
                            "The model fell silent in the middle of its answer. Please try again.");
            case BROKEN ->
                    again(
                            "model_broken",
                            "The connection to the model broke before the answer was complete."
                                    + " Please try again.");
            case GARBAGE ->
                    again(
                            "model_garbage",
                            "The model sent something that cannot be read. Please try again; if it"
                                    + " happens again, whoever runs this page has to look into it.");
            case FORBIDDEN ->
                    again(
                            "model_forbidden",
                            "The model does not accept this page's key. Whoever runs this page has"
                                    + " to look into it.");
            case TOO_LONG ->
                    new TurnFailure(
                            "model_window",
                            "This conversation has become too long for the model. Please start a"
                                    + " new chat.",
                            false);
            case REJECTED ->
                    again(
                            "model_rejected",
                            "The model refused the request. Whoever runs this page has to look into"
                                    + " it.");
            case BUSY ->
                    again(
                            "model_busy",
                            "The model has too much to do right now. Please try again in a"
                                    + " minute.");
            case ERROR -> again("model_error", "The model reported an error. Please try again.");
            case EMPTY -> again("model_empty", "The model gave an empty answer. Please try again.");
            case ABORTED -> again("model_aborted", "The answer was broken off. Please try again.");
        };
    }

    private static TurnFailure again(String code, String text) {
        return new TurnFailure(code, text, true);
    }
}
