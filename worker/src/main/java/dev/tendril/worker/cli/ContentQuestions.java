package dev.tendril.worker.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/// What the content index finds.
public interface ContentQuestions {
    /// A passage.
    ///
    /// @param page the file's name below the content folder
    /// @param title page and heading
    /// @param address where it can be read
    /// @param score comparable within one question
    record Found(String page, String title, String address, double score) {}

    /// Reads a folder once, then answers questions with the best passages, best first.
    Function<String, List<Found>> over(Path content, int most);
}
