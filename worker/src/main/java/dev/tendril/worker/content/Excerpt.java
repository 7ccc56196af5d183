package dev.tendril.worker.content;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// Picks from a passage what fits a question: whole blocks of markdown (paragraphs, lists, code),
/// so that what is quoted stays readable.
final class Excerpt {
    private static final int WHOLE_WORDS = 140;
    private static final int ENOUGH_WORDS = 70;
    private static final Pattern FENCE = Pattern.compile("[ ]{0,3}(`{3,}|~{3,}).*");
    private static final Pattern IMAGE = Pattern.compile("!\\[([^]]*)]\\([^)]*\\)");
    private static final Pattern LOCAL_LINK =
            Pattern.compile("\\[([^]]+)]\\((?!https?://)[^)]*\\)");

    private Excerpt() {}

    /// @param text markdown
    /// @param asked the question's words as the index sees them
    /// @param words the same for any text
    static String of(String text, Set<String> asked, Function<String, Set<String>> words) {
        List<String> blocks = blocks(links(text));
        if (count(String.join(" ", blocks)) <= WHOLE_WORDS) {
            return String.join("\n\n", blocks);
        }
        int best = 0;
        long most = -1;
        for (int at = 0; at < blocks.size(); at++) {
            long hits = words.apply(blocks.get(at)).stream().filter(asked::contains).count();
            if (hits > most) {
                most = hits;
                best = at;
            }
        }
        int first = best;
        while (first > 0 && leadsIn(blocks.get(first - 1), blocks.get(first))) {
            first--;
        }
        List<String> taken = new ArrayList<>();
        int length = 0;
        for (int at = first; at < blocks.size(); at++) {
            int more = count(blocks.get(at));
            boolean belongs = at > first && leadsIn(blocks.get(at - 1), blocks.get(at));
            if (at > best && !belongs && (length >= ENOUGH_WORDS || length + more > WHOLE_WORDS)) {
                break;
            }
            taken.add(blocks.get(at));
            length += more;
        }
        return String.join("\n\n", taken);
    }

    /// Words as people count them.
    static int count(String text) {
        String stripped = text.strip();
        return stripped.isEmpty() ? 0 : stripped.split("\\s+").length;
    }

    /// A sentence that ends in a colon, or a list or code after text, belongs to what follows.
    private static boolean leadsIn(String before, String after) {
        return before.stripTrailing().endsWith(":")
                || (after.startsWith("```") && !before.startsWith("```"));
    }

    /// Pictures become their description, and links to other files their text: neither leads
    /// anywhere in a chat.
    private static String links(String text) {
        return LOCAL_LINK.matcher(IMAGE.matcher(text).replaceAll("$1")).replaceAll("$1");
    }

    private static List<String> blocks(String text) {
        List<String> blocks = new ArrayList<>();
        var block = new StringBuilder();
        boolean code = false;
        for (String line : text.lines().toList()) {
            if (FENCE.matcher(line).matches()) {
                code = !code;
            }
            if (line.isBlank() && !code) {
                end(block, blocks);
            } else {
                block.append(line).append('\n');
            }
        }
        end(block, blocks);
        return blocks;
    }

    private static void end(StringBuilder block, List<String> blocks) {
        String text = block.toString().stripTrailing();
        if (!text.isBlank()) {
            blocks.add(text);
        }
        block.setLength(0);
    }
}
