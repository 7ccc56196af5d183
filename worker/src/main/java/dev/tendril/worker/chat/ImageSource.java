package dev.tendril.worker.chat;

import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.link.LinkException;

/// Where the images of a chat come from.
@FunctionalInterface
public interface ImageSource {
    /// No images at all.
    ImageSource NONE =
            (_, _) -> {
                throw new IllegalStateException("no images");
            };

    /// The bytes of one.
    ///
    /// @param url of its part
    byte[] fetch(ClaimedRun run, String url) throws LinkException, InterruptedException;
}
