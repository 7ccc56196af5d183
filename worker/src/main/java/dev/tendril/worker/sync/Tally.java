package dev.tendril.worker.sync;

/// What one sync of a source did.
public final class Tally {
    private int added;
    private int changed;
    private int unchanged;
    private int gone;
    private int failed;
    private boolean reached = true;

    /// Counts one page.
    void count(Change change) {
        switch (change) {
            case ADDED -> added++;
            case CHANGED -> changed++;
            case UNCHANGED -> unchanged++;
        }
    }

    /// What became of a page.
    enum Change {
        ADDED,
        CHANGED,
        UNCHANGED
    }

    void gone() {
        gone++;
    }

    void failed() {
        failed++;
    }

    void unreached() {
        reached = false;
    }

    /// Whether the source itself was there.
    public boolean reached() {
        return reached;
    }

    /// Pages that could not be had.
    public int failures() {
        return failed;
    }

    @Override
    public String toString() {
        return reached
                ? "%d new, %d changed, %d as they were, %d gone, %d failed"
                        .formatted(added, changed, unchanged, gone, failed)
                : "not reached; all pages stay as they were";
    }
}
