package dev.tendril.infra.stub;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the stub answers: derived from the request, the same for the same request.
///
/// The first delta says which turn this is, how long the message was, and the message itself; each
/// further delta is its number and a word that the message's text chooses. Some words take more
/// than one byte or more than one `char`, so that a wrong cut shows.
public final class StubAnswer {
    private static final List<String> WORDS =
            List.of(
                    "fern",
                    "ivy",
                    "wörter",
                    "moss",
                    "🌱",
                    "vine",
                    "größe",
                    "日本",
                    "reed",
                    "𝒯endril");
    private static final Pattern STAMP = Pattern.compile("⟨(\\d+)@(\\d+)⟩");

    private StubAnswer() {}

    /// The text deltas of the answer to the `turn`th user message of a conversation.
    ///
    /// @param turn user messages so far, this one included
    /// @param text the message
    /// @param deltas how many
    public static List<String> deltas(int turn, String text, int deltas) {
        var all = new ArrayList<String>(deltas);
        all.add(
                "Turn %d, %d characters: %s\n\n"
                        .formatted(turn, text.codePointCount(0, text.length()), text));
        int seed = text.hashCode();
        for (int i = 1; i < deltas; i++) {
            all.add(i + "-" + WORDS.get(Math.floorMod(seed + i, WORDS.size())) + " ");
        }
        return all;
    }

    /// The whole answer.
    public static String text(int turn, String text, int deltas) {
        return String.join("", deltas(turn, text, deltas));
    }

    /// A delta that says when it was sent.
    static String stamped(int index, long epochMicros) {
        return "⟨" + index + "@" + epochMicros + "⟩";
    }

    /// Reads the stamps in `text`, each as index and microseconds since 1970.
    public static List<Stamp> stamps(String text) {
        var found = new ArrayList<Stamp>();
        Matcher matcher = STAMP.matcher(text);
        while (matcher.find()) {
            found.add(
                    new Stamp(
                            Integer.parseInt(matcher.group(1)),
                            Long.parseLong(matcher.group(2)),
                            matcher.end()));
        }
        return found;
    }

    /// @param index of the delta, from 0
    /// @param epochMicros when the stub wrote it
    /// @param end where in the text it ends
    public record Stamp(int index, long epochMicros, int end) {}

    /// The thoughts before an answer.
    static List<String> reasoning(String text, int deltas) {
        var all = new ArrayList<String>(deltas);
        for (int i = 1; i <= deltas; i++) {
            all.add("thought " + i + " on " + text.length() + " chars. ");
        }
        return all;
    }
}
