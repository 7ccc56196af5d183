package dev.tendril.service.stream;

import java.util.ArrayList;
import java.util.List;

/// Hints as text between replicas: the sender's name, then one line for each hint, `<topic> <seq>
/// <key>`. Whatever does not fit this shape is skipped: it can only be a hint lost.
final class HintText {

    private HintText() {}

    /// Payloads of at most `bytes` that hold all hints; keys are ASCII.
    static List<String> write(String sender, List<Hint> hints, int bytes) {
        List<String> payloads = new ArrayList<>();
        StringBuilder text = new StringBuilder(sender);
        for (Hint hint : hints) {
            String line = "\n" + hint.topic() + ' ' + hint.seq() + ' ' + hint.key();
            if (text.length() + line.length() > bytes && text.length() > sender.length()) {
                payloads.add(text.toString());
                text = new StringBuilder(sender);
            }
            text.append(line);
        }
        if (text.length() > sender.length()) {
            payloads.add(text.toString());
        }
        return payloads;
    }

    /// The hints of a payload; none when `own` is its sender.
    static List<Hint> read(String own, String payload) {
        String[] lines = payload.split("\n", -1);
        if (lines[0].equals(own)) {
            return List.of();
        }
        List<Hint> hints = new ArrayList<>();
        for (int i = 1; i < lines.length; i++) {
            String[] words = lines[i].split(" ", 3);
            if (words.length == 3) {
                try {
                    hints.add(
                            new Hint(Topic.valueOf(words[0]), words[2], Long.parseLong(words[1])));
                } catch (IllegalArgumentException _) {
                    // A topic that a newer replica knows: the timer makes up for it.
                }
            }
        }
        return hints;
    }
}
