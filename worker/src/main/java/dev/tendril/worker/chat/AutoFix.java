package dev.tendril.worker.chat;

import dev.tendril.worker.tool.AfterWrites;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// After a step that changed files, lets the build be checked and the model see its errors: three
/// rounds a turn at most, and none after the same errors came twice. Never fails a turn.
final class AutoFix {
    private static final int ROUNDS = 3;
    private static final Set<String> WRITERS = Set.of("write_file", "edit_file");

    private final AfterWrites build;
    private int rounds;
    private boolean over;
    private String last = "";

    AutoFix(AfterWrites build) {
        this.build = build;
    }

    /// @param changed names of the tools that did something in this step
    /// @return a remark for the model; null for none
    @Nullable String after(Set<String> changed) throws InterruptedException {
        if (over || rounds >= ROUNDS || changed.stream().noneMatch(WRITERS::contains)) {
            return null;
        }
        String errors = build.check();
        if (errors == null) {
            return null;
        }
        rounds++;
        if (errors.equals(last)) {
            over = true;
            return "The build fails as before; leave it and tell the operator. " + errors;
        }
        last = errors;
        return errors
                + "\nMend it, unless it was like this before."
                + (rounds == ROUNDS ? " This was the last check of this turn." : "");
    }
}
