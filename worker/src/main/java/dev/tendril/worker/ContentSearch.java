package dev.tendril.worker;

import dev.tendril.worker.cli.ContentQuestions;
import dev.tendril.worker.content.ContentLibrary;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/// Asks the index that tools and guide ask.
@Singleton
final class ContentSearch implements ContentQuestions {
    @Override
    public Function<String, List<Found>> over(Path content, int most) {
        var library = new ContentLibrary(content);
        return question ->
                library.search(question, "", most).stream()
                        .map(f -> new Found(f.page(), f.title(), f.address(), f.score()))
                        .toList();
    }
}
