package dev.tendril.infra.chaos;

import dev.tendril.contract.chat.Accepted;
import dev.tendril.infra.ledger.Violation;
import dev.tendril.infra.visitor.Answer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/// What one visitor did and saw in one chat. Written by the visitor's thread, read when it has
/// ended.
final class SeenChat {
    private final UUID id;
    private final Map<String, String> texts = new HashMap<>();
    private final List<Accepted> acknowledged = new ArrayList<>();
    private final List<Answer.SeenFrame> frames = new ArrayList<>();
    private final List<Violation> troubles = new CopyOnWriteArrayList<>();
    private int stops;
    private int retries;

    SeenChat(UUID id) {
        this.id = id;
    }

    UUID id() {
        return id;
    }

    /// Texts by message id, acknowledged or not.
    Map<String, String> texts() {
        return texts;
    }

    /// Each `202`, also those that said "duplicate".
    List<Accepted> acknowledged() {
        return acknowledged;
    }

    /// All frames from the first, in order.
    List<Answer.SeenFrame> frames() {
        return frames;
    }

    /// What was wrong at once.
    List<Violation> troubles() {
        return troubles;
    }

    /// Cursor after the last frame.
    String cursor() {
        return frames.isEmpty() ? "0" : frames.getLast().cursor().toString();
    }

    long seq() {
        return frames.isEmpty() ? 0 : frames.getLast().cursor().seq();
    }

    void stopped() {
        stops++;
    }

    int stops() {
        return stops;
    }

    void retried() {
        retries++;
    }

    int retries() {
        return retries;
    }
}
