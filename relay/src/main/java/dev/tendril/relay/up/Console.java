package dev.tendril.relay.up;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the person or the script at the terminal reads: one box or one line on standard output,
/// everything else on standard error.
final class Console {
    private final boolean json;
    private final PrintStream out;

    Console(boolean json) {
        this.json = json;
        this.out = System.out;
    }

    /// @param label short, may be empty for a further line of the one above
    record Line(String label, String text) {}

    void ready(String line, List<Line> box) {
        if (json) {
            out.println(line);
        } else {
            out.print(draw(box, unicode()));
        }
        out.flush();
    }

    void notice(String sentence) {
        System.err.println("tendril: " + sentence);
    }

    /// Opens the page when there is a desktop and a person at a terminal; silently not otherwise.
    void open(String page, Map<String, String> environment) {
        var terminal = System.console();
        if (json || terminal == null || !terminal.isTerminal()) {
            return;
        }
        var mac = System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac");
        var desktop =
                mac
                        || environment.containsKey("DISPLAY")
                        || environment.containsKey("WAYLAND_DISPLAY");
        if (!desktop) {
            return;
        }
        try {
            new ProcessBuilder(mac ? "open" : "xdg-open", page)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
        } catch (IOException e) {
            notice("no browser could be opened; the page is " + page);
        }
    }

    static String draw(List<Line> lines, boolean unicode) {
        var corner = unicode ? new String[] {"╭", "╮", "╰", "╯", "─", "│"} : ASCII;
        var width = lines.stream().mapToInt(line -> line.text().length()).max().orElse(0);
        var inner = 1 + LABEL + width + 1;
        var box = new StringBuilder();
        var title = " Tendril ";
        box.append(corner[0]).append(corner[4]).append(title);
        box.append(corner[4].repeat(Math.max(0, inner - title.length() - 1)));
        box.append(corner[1]).append('\n');
        for (var line : lines) {
            box.append(corner[5]).append(' ');
            box.append(pad(line.label(), LABEL)).append(pad(line.text(), width));
            box.append(' ').append(corner[5]).append('\n');
        }
        box.append(corner[2]).append(corner[4].repeat(inner)).append(corner[3]).append('\n');
        return box.toString();
    }

    private static final int LABEL = 8;
    private static final String[] ASCII = {"+", "+", "+", "+", "-", "|"};

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }

    private static boolean unicode() {
        @Nullable String name = System.getProperty("stdout.encoding");
        var encoding = name == null ? Charset.defaultCharset() : Charset.forName(name);
        return encoding.equals(StandardCharsets.UTF_8);
    }
}
