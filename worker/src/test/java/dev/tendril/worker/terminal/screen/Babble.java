package dev.tendril.worker.terminal.screen;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/// Random output of an imaginary program: mostly sense, some nonsense.
final class Babble {

    private static final String[] WORDS = {
        "hello",
        "x",
        "  ",
        "────",
        "日本",
        "漢",
        "é",
        "e\u0301",
        "👍",
        "a\u0308\u0323",
        "한글",
        "ｱ",
        "\u200d",
        "the quick brown fox jumps over the lazy dog",
        "\u00a0",
        "0123456789",
        "👩\u200d👧",
        "`qqx~"
    };
    private static final String FINALS = "@ABCDEFGHILMPSTXZ`abdefr";
    private static final String[] SGR = {
        "0",
        "",
        "1",
        "2",
        "3",
        "4",
        "5",
        "7",
        "8",
        "9",
        "21",
        "22",
        "23",
        "24",
        "25",
        "27",
        "28",
        "29",
        "31",
        "42",
        "93",
        "104",
        "39",
        "49",
        "53",
        "55",
        "38;5;200",
        "48;5;17",
        "38;2;1;2;3",
        "48;2;250;128;7",
        "38:2::9:8:7",
        "48:5:99",
        "38;5",
        "38;2;1",
        "4:3",
        "4:0",
        "1;31;44",
        "58;5;3",
        "59",
        "0;7",
        "38:2:5:6:7;1"
    };
    private static final int[] MODES = {1, 6, 7, 45, 66, 1004, 2004, 25, 1000, 1002, 1003, 1006, 9};
    private static final String[] OTHERS = {
        "\u001b7",
        "\u001b8",
        "\u001bD",
        "\u001bE",
        "\u001bM",
        "\u001bH",
        "\u001b[g",
        "\u001b[3g",
        "\u001b(0",
        "\u001b(B",
        "\u001b)0",
        "\u000e",
        "\u000f",
        "\u001b#8",
        "\u001b[s",
        "\u001b[u",
        "\u001b[!p",
        "\u001b[?47h",
        "\u001b[?47l",
        "\u001b[?1049h",
        "\u001b[?1049l",
        "\u001b[4h",
        "\u001b[4l",
        "\u001b[20h",
        "\u001b[20l",
        "\u001b]0;title\u0007",
        "\u001bP1;2qabc\u001b\\",
        "\u001b[6n",
        "\u001b[c",
        "\u001b[>c",
        "\u001b[?7$p",
        "\u001b[99999999999;3H",
        "\u001b[1;2;3;4;5;6;7;8;9m",
        "\u001b[ q",
        "\u001b[<1;2M",
        "\u001b_hidden\u001b\\",
        "\u001b^x\u001b\\",
        "\u001b[?x",
        "\u001b[1$5x",
        "\u0084",
        "\u0085",
        "\u008d",
        "\u009b5C",
        "\u001b\u0018y",
        "\u001b[\u001a",
        "\u001b[2\n3C",
        "\u001b[5\u007fD",
        "\u001b[1\"q",
        "\u001b[0\"q",
        "\u001b[?J",
        "\u001b[?K",
        "\u001b[2 @",
        "\u001b[3 A",
        "\u001b[2'}",
        "\u001b[2'~",
        "\u0000",
        "\u0007",
        "\u001b]52;c;aGk=\u0007",
        "\u001b]0;cut\u0018z",
        "\u001b[?2026h",
        "\u001b[?2026l",
        "\u001bn",
        "\u001bo",
        "\u001b~"
    };

    private final SplittableRandom random;
    private final int columns;
    private final int rows;

    Babble(long seed, int columns, int rows) {
        random = new SplittableRandom(seed);
        this.columns = columns;
        this.rows = rows;
    }

    byte[] bytes(int pieces) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < pieces; i++) {
            piece(out);
        }
        return out.toString().getBytes(StandardCharsets.UTF_8);
    }

    private void piece(StringBuilder out) {
        switch (random.nextInt(14)) {
            case 0, 1, 2, 3 -> out.append(WORDS[random.nextInt(WORDS.length)]);
            case 4 -> out.append("\r\n");
            case 5 -> out.append("\n\r\b\t\u000b\u000c".charAt(random.nextInt(6)));
            case 6, 7 -> out.append("\u001b[").append(SGR[random.nextInt(SGR.length)]).append('m');
            case 8, 9 -> {
                out.append("\u001b[");
                int count = random.nextInt(3);
                for (int i = 0; i < count; i++) {
                    out.append(i > 0 ? ";" : "")
                            .append(random.nextInt(Math.max(columns, rows) + 3));
                }
                out.append(FINALS.charAt(random.nextInt(FINALS.length())));
            }
            case 10 ->
                    out.append("\u001b[")
                            .append(1 + random.nextInt(rows))
                            .append(';')
                            .append(1 + random.nextInt(columns))
                            .append('H');
            // Beyond the last column xterm.js 6 looks at a row that may not be there.
            case 11 ->
                    out.append(
                            random.nextInt(3) == 0
                                    ? "\r\u001b[1J"
                                    : "\u001b["
                                            + 2 * random.nextInt(2)
                                            + (random.nextBoolean() ? "J" : "K"));
            case 12 ->
                    out.append("\u001b[?")
                            .append(MODES[random.nextInt(MODES.length)])
                            .append(random.nextBoolean() ? 'h' : 'l');
            default -> out.append(OTHERS[random.nextInt(OTHERS.length)]);
        }
    }
}
