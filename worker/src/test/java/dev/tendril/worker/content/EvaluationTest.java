package dev.tendril.worker.content;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// The set of `./tendril bench content`, so that no change of the index makes it worse unseen.
class EvaluationTest {
    private static final Path SET =
            Path.of("..", "infra", "src", "main", "resources", "bench", "content");

    @Test
    void theRightPageIsAmongTheFirstThreeForNineOfTenQuestions() throws IOException {
        var library = new ContentLibrary(SET);
        List<String> misses = new ArrayList<>();
        int questions = 0;
        for (String line : Files.readAllLines(SET.resolve("questions.tsv"))) {
            if (line.startsWith("#")) {
                continue;
            }
            questions++;
            String[] columns = line.split("\t", -1);
            List<String> wanted = Arrays.asList(columns[1].split(",", -1));
            List<String> found =
                    library.search(columns[0], "", 9).stream()
                            .map(ContentLibrary.Found::page)
                            .distinct()
                            .limit(3)
                            .toList();
            if (found.stream().noneMatch(wanted::contains)) {
                misses.add(columns[0] + " -> " + found);
            }
        }
        assertTrue(questions >= 60, "questions: " + questions);
        assertTrue(library.pages().size() >= 40, "pages: " + library.pages().size());
        double share = 1 - (double) misses.size() / questions;
        System.out.println("hit@3 " + share + ", misses:\n  " + String.join("\n  ", misses));
        assertTrue(share >= 0.9, () -> "hit@3 " + share + ":\n" + String.join("\n", misses));
    }

    @Test
    void aQuestionsLanguageIsToldByItsSmallWords() {
        assertEquals(Language.GERMAN, Language.of("Wie viel kostet das?"));
        assertEquals(Language.GERMAN, Language.of("Schlüssel verloren"));
        assertEquals(Language.ENGLISH, Language.of("How much does it cost?"));
        assertEquals(Language.ENGLISH, Language.of("disk"));
        assertEquals(Language.ENGLISH, Language.of(""));
    }
}
