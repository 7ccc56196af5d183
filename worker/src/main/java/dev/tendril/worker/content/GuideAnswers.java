package dev.tendril.worker.content;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Finds what the pages say to a question and puts it into words.
final class GuideAnswers {
    private static final int SEARCHED = 5;
    private static final int TITLES = 20;

    /// Less of a question's weight in a passage than this is an accident.
    private static final double LEAST_COVERAGE = 0.4;

    /// With fewer words than this, a second passage is added if there is a good one.
    private static final int SHORT_WORDS = 60;

    private static final Pattern GREETING =
            Pattern.compile(
                    "(hi|hello|hey|hallo|moin|servus|hola|bonjour|greetings|good (morning|day|afternoon"
                            + "|evening))( there| all| tendril| guide| bot)?",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern THANKS =
            Pattern.compile(
                    "(ok(ay)?,? )?(many thanks|thanks|thank you|thx|great|cool|perfect|bye|goodbye)"
                            + "( a lot| very much| so much| for .{1,40})?",
                    Pattern.CASE_INSENSITIVE);

    private static final String SELF =
            "I am this site's built-in guide, not a language model: I look things up in its pages and"
                    + " quote what they say.";

    private final ContentIndex index;

    GuideAnswers(ContentIndex index) {
        this.index = index;
    }

    /// @param text markdown
    /// @param sources the passages that it quotes
    record Answer(String text, List<Passage> sources) {}

    /// @param question as the visitor wrote it
    /// @param first whether this is the chat's first answer
    Answer to(String question, boolean first) {
        String said = question.strip().replaceAll("[\\s!.,?]+$", "").replaceAll("\\s+", " ");
        if (GREETING.matcher(said).matches()) {
            return new Answer("Hello! " + SELF + " " + topics(), List.of());
        }
        if (THANKS.matcher(said).matches()) {
            return new Answer("You are welcome. " + topics(), List.of());
        }
        Set<String> asked = index.words(question);
        List<ContentIndex.Hit> hits =
                index.search(question, SEARCHED).stream()
                        .filter(hit -> hit.coverage() >= LEAST_COVERAGE)
                        .toList();
        if (hits.isEmpty()) {
            String nothing =
                    index.titles().isEmpty()
                            ? "this site has no pages yet that I could look into."
                            : "I found nothing about that in this site's pages. " + topics();
            return new Answer(SELF + " " + capital(nothing), List.of());
        }
        return quote(hits, asked, first);
    }

    private Answer quote(List<ContentIndex.Hit> hits, Set<String> asked, boolean first) {
        List<Passage> sources = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        ContentIndex.Hit best = hits.getFirst();
        texts.add(excerpt(best.passage(), asked));
        sources.add(best.passage());
        for (ContentIndex.Hit next : hits.subList(1, hits.size())) {
            boolean longEnough = Excerpt.count(String.join(" ", texts)) >= SHORT_WORDS;
            boolean good = next.score() >= 0.4 * best.score();
            if (longEnough || !good || sources.size() == 3) {
                break;
            }
            texts.add("**" + next.passage().title() + "**\n\n" + excerpt(next.passage(), asked));
            sources.add(next.passage());
        }
        if (first) {
            texts.add("*" + SELF + "*");
        }
        return new Answer(String.join("\n\n", texts), sources);
    }

    private String excerpt(Passage passage, Set<String> asked) {
        return Excerpt.of(passage.text(), asked, index::words);
    }

    private String topics() {
        List<String> titles = index.titles();
        if (titles.isEmpty()) {
            return "There are no pages yet that I could look into.";
        }
        String more = titles.size() > TITLES ? "\n- and " + (titles.size() - TITLES) + " more" : "";
        return "I can answer about:\n\n"
                + titles.stream()
                        .limit(TITLES)
                        .map(title -> "- " + title)
                        .collect(Collectors.joining("\n"))
                + more;
    }

    private static String capital(String sentence) {
        return Character.toUpperCase(sentence.charAt(0)) + sentence.substring(1);
    }
}
