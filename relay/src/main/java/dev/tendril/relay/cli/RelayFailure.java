package dev.tendril.relay.cli;

import org.jspecify.annotations.Nullable;

/// A command cannot do its work; the message is one sentence for the person who called it.
final class RelayFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RelayFailure(String sentence) {
        this(sentence, null);
    }

    RelayFailure(String sentence, @Nullable Throwable cause) {
        super(sentence, cause);
    }
}
