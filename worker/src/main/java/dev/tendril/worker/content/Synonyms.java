package dev.tendril.worker.content;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

/// Words that visitors use for what documentation calls otherwise: `laptop` for `notebook`, `log
/// in` for `sign in`. Groups of a file, one a line, words or phrases with commas between; all of a
/// group stand for each other, but count less than the visitor's own word.
final class Synonyms {
    /// How much a synonym counts beside the word itself.
    static final float WEIGHT = 0.7f;

    private final Map<String, Set<String>> words = new HashMap<>();
    private final Map<String, Set<String>> phrases =
            new TreeMap<>(
                    Comparator.comparingInt(String::length)
                            .reversed()
                            .thenComparing(Comparator.naturalOrder()));

    private Synonyms() {}

    /// @param stems the stems of a text, in the language
    static Synonyms of(Language language, Function<String, Set<String>> stems) {
        Synonyms synonyms = new Synonyms();
        for (String line : lines("/search/synonyms" + language.field("") + ".txt")) {
            List<String> group = List.of(line.strip().toLowerCase(Locale.ROOT).split("\\s*,\\s*"));
            for (String entry : group) {
                Set<String> others = new LinkedHashSet<>();
                group.stream()
                        .filter(other -> !other.equals(entry))
                        .forEach(other -> others.addAll(stems.apply(other)));
                Set<String> own = stems.apply(entry);
                others.removeAll(own);
                if (entry.contains(" ")) {
                    synonyms.phrases.merge(entry, others, Synonyms::both);
                } else {
                    own.forEach(stem -> synonyms.words.merge(stem, others, Synonyms::both));
                }
            }
        }
        return synonyms;
    }

    private static Set<String> both(Set<String> a, Set<String> b) {
        Set<String> both = new LinkedHashSet<>(a);
        both.addAll(b);
        return both;
    }

    private static List<String> lines(String resource) {
        try (var in =
                new BufferedReader(
                        new InputStreamReader(
                                Objects.requireNonNull(
                                        Synonyms.class.getResourceAsStream(resource), resource),
                                StandardCharsets.UTF_8))) {
            return in.lines().filter(line -> !line.isBlank() && !line.startsWith("#")).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("reading a resource", e);
        }
    }

    /// What else a word may be called.
    Set<String> of(String stem) {
        return words.getOrDefault(stem, Set.of());
    }

    /// A phrase of a question.
    ///
    /// @param stems of its own words, which are not to be looked for one by one
    /// @param others what it may be called
    record Phrase(Set<String> stems, Set<String> others) {}

    /// The phrases that a question has, the longest of those that overlap.
    List<Phrase> phrases(String question, Function<String, Set<String>> stems) {
        String text =
                " " + question.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N}]+", " ") + " ";
        List<Phrase> found = new ArrayList<>();
        for (String phrase : phrases.keySet()) {
            if (text.contains(" " + phrase + " ")) {
                text = text.replace(" " + phrase + " ", " ");
                Set<String> others = Objects.requireNonNull(phrases.get(phrase));
                found.add(new Phrase(stems.apply(phrase), others));
            }
        }
        return found;
    }
}
