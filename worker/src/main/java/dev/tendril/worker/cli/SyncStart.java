package dev.tendril.worker.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Brings the content up to date.
public interface SyncStart {
    /// Syncs once.
    ///
    /// @param names of sources; empty for all
    /// @param say is told what was done, by source
    /// @return whether every source was reached
    boolean sync(
            Path config, Path dataDir, Path content, List<String> names, Map<String, String> say)
            throws CannotStart;
}
