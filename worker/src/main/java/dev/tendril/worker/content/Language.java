package dev.tendril.worker.content;

import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.de.GermanAnalyzer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.analysis.miscellaneous.PerFieldAnalyzerWrapper;

/// The languages whose words are brought to their stems. Every page is indexed in each of them,
/// since nothing says which one it is in, and a question is asked in its own: stems of another
/// language only add noise. Pages in further languages are found by the words as they stand.
enum Language {
    ENGLISH(""),
    GERMAN("_de");

    private static final CharArraySet GERMAN_STOPS = germanStops();

    private final String suffix;

    Language(String suffix) {
        this.suffix = suffix;
    }

    /// The field's name in this language.
    String field(String name) {
        return name + suffix;
    }

    /// German when more of a text's words are German function words than English ones, or have
    /// letters that English has not.
    static Language of(String text) {
        int german = 0;
        int english = 0;
        for (String word : text.toLowerCase(Locale.ROOT).split("[^\\p{L}]+")) {
            german += GERMAN_STOPS.contains(word) || word.matches(".*[äöüß].*") ? 1 : 0;
            english += StopWords.SET.contains(word) ? 1 : 0;
        }
        return german > english ? GERMAN : ENGLISH;
    }

    static Map<Language, Analyzer> analyzers() {
        Map<Language, Analyzer> analyzers = new EnumMap<>(Language.class);
        analyzers.put(ENGLISH, new EnglishAnalyzer(StopWords.SET));
        analyzers.put(GERMAN, new GermanAnalyzer(GERMAN_STOPS));
        return analyzers;
    }

    /// One analyzer that knows the language by the field's name.
    static Analyzer byField(Map<Language, Analyzer> analyzers) {
        Map<String, Analyzer> fields = new HashMap<>();
        for (String name : new String[] {"page", "heading", "keywords", "name", "text"}) {
            analyzers.forEach((language, analyzer) -> fields.put(language.field(name), analyzer));
        }
        return new PerFieldAnalyzerWrapper(new EnglishAnalyzer(StopWords.SET), fields);
    }

    private static CharArraySet germanStops() {
        CharArraySet stops = new CharArraySet(GermanAnalyzer.getDefaultStopSet(), true);
        for (String word :
                "warum wieso wohin gibt geht gehen kann können könnte könnten möchte möchten bitte danke hallo euch euer eure brauche brauchen"
                        .split(" ")) {
            stops.add(word);
        }
        return CharArraySet.unmodifiableSet(stops);
    }
}
