package dev.tendril.infra.mutant;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The rules of the agent, inside the JVM under test. In the folder: `rules`, one per line with
/// tabs between its five words; `<mutant>.on` while a mutant is switched on; `<rule>.rewrote` once
/// a constant was found; `<rule>.used` once its changed text was given out.
public final class MutantSwitch {
    private static final Map<String, Rule> RULES = new LinkedHashMap<>();
    private static @Nullable Path folder;

    private MutantSwitch() {}

    /// @param name of the rule; up to its first dot, the mutant's
    /// @param type internal name of the class, or how those of a package begin
    /// @param marker stands in the constant too
    /// @param from what is taken out
    /// @param to what stands there instead
    record Rule(String name, String type, String marker, String from, String to) {
        String line() {
            return String.join("\t", name, type, marker, from, to);
        }

        String mutant() {
            return name.split("\\.", 2)[0];
        }
    }

    static void load(Path from) throws IOException {
        folder = from;
        for (String line : Files.readAllLines(from.resolve("rules"))) {
            String[] words = line.split("\t", -1);
            RULES.put(words[0], new Rule(words[0], words[1], words[2], words[3], words[4]));
        }
    }

    static boolean concerns(String type) {
        return RULES.values().stream().anyMatch(rule -> type.startsWith(rule.type));
    }

    static List<String> rulesFor(String type, String text) {
        var names = new ArrayList<String>();
        for (Rule rule : RULES.values()) {
            if (type.startsWith(rule.type)
                    && text.contains(rule.marker)
                    && text.contains(rule.from)) {
                names.add(rule.name);
                touch(rule.name + ".rewrote");
            }
        }
        return names;
    }

    /// `text`, or its changed form while the rule's mutant is switched on.
    public static String apply(String text, String name) {
        Rule rule = RULES.get(name);
        Path at = folder;
        if (rule == null || at == null || !Files.exists(at.resolve(rule.mutant() + ".on"))) {
            return text;
        }
        touch(name + ".used");
        return text.replace(rule.from, rule.to);
    }

    private static void touch(String file) {
        Path at = folder;
        if (at != null) {
            try {
                Files.writeString(at.resolve(file), "");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
