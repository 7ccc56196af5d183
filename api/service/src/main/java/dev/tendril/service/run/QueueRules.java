package dev.tendril.service.run;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// How a workspace's runs are queued.
///
/// @param maxRunning runs at once, 1 to 1,000; null is as many as the workers take
/// @param needs tags that a worker must offer, at most 16
/// @param priority 0 to 1,000; of two ready runs the one with less goes first
public record QueueRules(@Nullable Integer maxRunning, List<String> needs, int priority) {

    /// Of a new workspace.
    public static final QueueRules DEFAULT = new QueueRules(null, List.of(), 100);

    /// Copies the tags.
    public QueueRules {
        needs = List.copyOf(needs);
    }
}
