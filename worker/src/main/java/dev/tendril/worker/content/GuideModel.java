package dev.tendril.worker.content;

import dev.tendril.worker.model.ModelClient;
import dev.tendril.worker.model.ModelEvent;
import dev.tendril.worker.model.ModelInfo;
import dev.tendril.worker.model.ModelRequest;
import dev.tendril.worker.model.ModelStream;
import dev.tendril.worker.model.PromptMessage;
import java.nio.file.Path;
import java.util.List;

/// The built-in answerer for sites without a language model: quotes what the pages say, with its
/// source, and says that it is no language model in its first answer and whenever it has none.
public final class GuideModel implements ModelClient {
    /// About as fast as people read along.
    public static final int WORDS_PER_SECOND = 60;

    private static final ModelInfo INFO = new ModelInfo("guide", ModelInfo.GUIDE);

    private final GuideAnswers answers;
    private final int wordsPerSecond;

    /// @param content folder of markdown files
    /// @param wordsPerSecond how fast answers are written
    public GuideModel(Path content, int wordsPerSecond) {
        this.answers = new GuideAnswers(new ContentIndex(content));
        this.wordsPerSecond = wordsPerSecond;
    }

    /// Reads the pages, so that the first visitor does not wait for it.
    public void warmUp() {
        answers.to("warm up", true);
    }

    @Override
    public ModelInfo info() {
        return INFO;
    }

    @Override
    public ModelStream stream(ModelRequest request) {
        String question = "";
        for (PromptMessage message : request.messages()) {
            if (message instanceof PromptMessage.User(String text, _)) {
                question = text;
            }
        }
        boolean first =
                request.messages().stream().noneMatch(PromptMessage.Assistant.class::isInstance);
        GuideAnswers.Answer answer = answers.to(question, first);
        List<ModelEvent.Source> sources =
                answer.sources().stream()
                        .map(from -> new ModelEvent.Source(from.address(), from.title()))
                        .toList();
        return new PacedStream(answer.text(), sources, wordsPerSecond);
    }
}
