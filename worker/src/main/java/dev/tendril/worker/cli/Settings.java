package dev.tendril.worker.cli;

import dev.tendril.worker.auth.WorkerToken;
import dev.tendril.worker.model.ModelEndpoint;
import dev.tendril.worker.model.ModelTimeouts;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What the operator decided, checked.
///
/// @param relay where the relay is
/// @param token who the worker is
/// @param dataDir its own files
/// @param config `worker.yml`; need not exist
/// @param model which model answers
/// @param site what the answers rest on
/// @param limits how much at once
/// @param offers tags besides the model's
public record Settings(
        URI relay,
        WorkerToken token,
        Path dataDir,
        Path config,
        Model model,
        Site site,
        Limits limits,
        List<String> offers) {
    /// Copies the tags.
    public Settings {
        offers = List.copyOf(offers);
    }

    /// @param endpoint null: the profiles of `worker.yml`, else the built-in guide
    /// @param timeouts how patient the worker is with that endpoint
    public record Model(@Nullable ModelEndpoint endpoint, ModelTimeouts timeouts) {}

    /// @param content folder of pages; null for the starter pages in the data directory
    /// @param persona markdown file; null for the one in the data directory
    /// @param policy what roles may do; null for `policy.yml` in the data directory
    /// @param search a SearXNG; null for none
    public record Site(
            @Nullable Path content,
            @Nullable Path persona,
            @Nullable Path policy,
            @Nullable URI search) {}

    /// @param concurrency runs at once, 1 to 64
    /// @param historyChars characters of a chat's history that the model gets
    /// @param drain how long running answers may take when the worker stops
    /// @param parentPid drain when this process is gone; null: nobody is watched
    public record Limits(
            int concurrency, int historyChars, Duration drain, @Nullable Long parentPid) {}
}
