package dev.tendril.worker.chat;

import dev.tendril.contract.chat.ChatMessage;
import dev.tendril.contract.chat.Part;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.worker.link.LeaseLost;
import dev.tendril.worker.link.LinkException;
import dev.tendril.worker.model.PromptImage;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What a model gets to see of a chat's images: the latest few, or words in their place.
final class TurnImages {
    private static final Logger LOG = LoggerFactory.getLogger(TurnImages.class);

    /// Of the whole chat. An image costs a model about as much as 1,000 words.
    private static final int MOST = 6;

    private static final String UNSEEN =
            "[The visitor attached %d image(s). You cannot see images: say so if they matter.]";
    private static final String GONE = "[An image that is no longer available.]";
    private static final String EARLIER = "[An image of earlier.]";

    private final ClaimedRun run;
    private final ImageSource source;
    private final boolean vision;
    private final Map<String, PromptImage> images = new HashMap<>();
    private final Map<String, String> words = new HashMap<>();

    /// @param vision whether the model takes images
    TurnImages(ClaimedRun run, ImageSource source, boolean vision) {
        this.run = run;
        this.source = source;
        this.vision = vision;
    }

    /// Whether the visitor shows something now that the model cannot see.
    boolean unseen() {
        return !vision && !files(run.history().getLast()).isEmpty();
    }

    /// Fetches what is to be shown. Without it everything is words.
    void fetch() throws LeaseLost, InterruptedException {
        if (!vision) {
            return;
        }
        for (ChatMessage message : run.history().reversed()) {
            for (Part.File file : files(message).reversed()) {
                if (images.size() >= MOST) {
                    words.put(file.url(), EARLIER);
                } else {
                    fetch(file);
                }
            }
        }
    }

    private void fetch(Part.File file) throws LeaseLost, InterruptedException {
        try {
            byte[] bytes = source.fetch(run, file.url());
            images.put(
                    file.url(),
                    new PromptImage(file.mediaType(), Base64.getEncoder().encodeToString(bytes)));
        } catch (LeaseLost e) {
            throw e;
        } catch (LinkException e) {
            LOG.warn("Run {}: an image could not be fetched: {}", run.runId(), e.getMessage());
            words.put(file.url(), GONE);
        }
    }

    /// The images of a message that the model sees.
    List<PromptImage> of(ChatMessage message) {
        List<PromptImage> seen = new ArrayList<>();
        for (Part.File file : files(message)) {
            PromptImage image = images.get(file.url());
            if (image != null) {
                seen.add(image);
            }
        }
        return seen;
    }

    /// What stands for those that it does not see; empty when there are none.
    String wordsFor(ChatMessage message) {
        List<Part.File> files = files(message);
        if (!vision) {
            return files.isEmpty() ? "" : UNSEEN.formatted(files.size());
        }
        List<String> said = new ArrayList<>();
        for (Part.File file : files) {
            String word = words.get(file.url());
            if (word != null) {
                said.add(word);
            }
        }
        return String.join("\n", said);
    }

    private static List<Part.File> files(ChatMessage message) {
        return message.role().equals("user")
                ? message.parts().stream()
                        .filter(Part.File.class::isInstance)
                        .map(Part.File.class::cast)
                        .toList()
                : List.of();
    }
}
