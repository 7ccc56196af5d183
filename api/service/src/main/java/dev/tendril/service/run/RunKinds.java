package dev.tendril.service.run;

import jakarta.inject.Singleton;
import java.util.List;

/// The features that take part in the queue, by name.
@Singleton
final class RunKinds {

    private final List<RunKind> kinds;

    RunKinds(List<RunKind> kinds) {
        this.kinds = List.copyOf(kinds);
    }

    RunKind of(Run run) {
        for (RunKind kind : kinds) {
            if (kind.name().equals(run.kind())) {
                return kind;
            }
        }
        throw new IllegalStateException("no feature for runs of kind " + run.kind());
    }
}
