package dev.tendril.worker.terminal.screen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What holds without xterm.js at hand; [ScreenOracleTest] compares the cells.
class ScreenTest {

    private static final String ESC = "\u001b";

    private final Screen screen = new Screen(10, 4, 5);

    private static void write(Screen screen, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        screen.write(bytes, 0, bytes.length);
    }

    private String answers(String question) {
        write(screen, question);
        return new String(screen.takeAnswers(), StandardCharsets.UTF_8).replace(ESC, "ESC");
    }

    @Test
    void itAnswersEachQuestionOnce() {
        assertEquals("ESC[?1;2c", answers(ESC + "[c"));
        assertEquals("ESC[>0;276;0c", answers(ESC + "[>c"));
        assertEquals("ESC[0n", answers(ESC + "[5n"));
        assertEquals("ESC[2;4R", answers(ESC + "[2;4H" + ESC + "[6n"));
        assertEquals("ESC[?7;1$y", answers(ESC + "[?7$p"));
        assertEquals("ESC[?2004;2$y", answers(ESC + "[?2004$p"));
        assertEquals("ESC[?31337;0$y", answers(ESC + "[?31337$p"));
        assertEquals("ESC[4;2$y", answers(ESC + "[4$p"));
        assertEquals("ESCP1$r1;4rESC\\", answers(ESC + "P$qr" + ESC + "\\"));
        assertEquals("ESCP0$rESC\\", answers(ESC + "P$qz" + ESC + "\\"));
        assertEquals("ESCP>|tendrilESC\\", answers(ESC + "[>0q"));
        assertEquals("", answers("no question"));
    }

    @Test
    void aQuestionAtTheEdgeIsAnsweredInsideTheScreen() {
        assertEquals("ESC[1;10R", answers("0123456789" + ESC + "[6n"));
    }

    @Test
    void aSmallerScreenKeepsTheCursorsLineAndALargerOneBringsBackWhatScrolled() {
        write(screen, "one\r\ntwo\r\nthree\r\nfour漢字");
        screen.resize(6, 2);
        assertEquals("three", screen.text(0));
        assertEquals("four漢", screen.text(1));
        assertEquals(1, screen.cursorRow());
        assertEquals(2, screen.scrollback());
        assertEquals("one", screen.text(-2));
        screen.resize(12, 5);
        assertEquals("one", screen.text(0));
        assertEquals("four漢", screen.text(3));
        assertEquals(3, screen.cursorRow());
        write(screen, "\r\n0123456789abX");
        assertEquals("0123456789ab", screen.text(3));
        assertEquals("X", screen.text(4));
        assertThrows(IllegalArgumentException.class, () -> screen.resize(1, 5));
    }

    @Test
    void aSnapshotAfterAResizeShowsTheSame() {
        SplittableRandom random = new SplittableRandom(3);
        for (int i = 0; i < 50; i++) {
            Screen one = new Screen(20, 6, 10);
            byte[] bytes = new Babble(i, 20, 6).bytes(30);
            one.write(bytes, 0, bytes.length);
            int columns = 2 + random.nextInt(40);
            int rows = 2 + random.nextInt(12);
            one.resize(columns, rows);
            write(one, "\u0018\u001b[?2004h");
            Screen other = new Screen(columns, rows, 10);
            write(other, one.snapshot());
            for (int y = -one.scrollback(); y < rows; y++) {
                assertEquals(one.text(y), other.text(y), "case " + i + " row " + y);
            }
        }
    }

    @Test
    void answersAreBounded() {
        write(screen, (ESC + "[6n").repeat(100_000));
        int length = screen.takeAnswers().length;
        assertTrue(length > 0 && length <= 16 << 10, "bytes kept: " + length);
    }

    @Test
    void scrollbackIsBounded() {
        for (int i = 0; i < 1000; i++) {
            write(screen, "line " + i + "\r\n");
        }
        assertEquals(5, screen.scrollback());
        assertEquals("line 992", screen.text(-5));
        assertEquals("line 999", screen.text(2));
        assertThrows(IndexOutOfBoundsException.class, () -> screen.text(-6));
    }

    @Test
    void stringsAndCellsAreBounded() {
        write(screen, ESC + "]2;" + "t".repeat(5000) + "\u0007");
        assertEquals(1024, screen.title().length());
        write(screen, ESC + "]2;" + "u".repeat(1 << 20) + "\u0007");
        assertTrue(screen.title().startsWith("t"), "a string too long is dropped as a whole");
        write(screen, "e" + "\u0301".repeat(100_000));
        assertTrue(screen.active.current().text(0).length() <= 64);
        write(
                screen,
                ESC
                        + "[H"
                        + "x"
                        + ESC
                        + "[2147483647b"
                        + ESC
                        + "[2147483647L"
                        + ESC
                        + "[2147483647S");
        write(screen, ESC + "[" + "1;".repeat(100_000) + "m");
        assertTrue(screen.atGround());
    }

    @Test
    void bytesThatAreNotUtf8AreDropped() {
        byte[] bytes = {
            'a',
            (byte) 0xff,
            (byte) 0xc3,
            'b',
            (byte) 0xe2,
            (byte) 0x82,
            'c',
            (byte) 0xc0,
            (byte) 0x80,
            'd'
        };
        screen.write(bytes, 0, bytes.length);
        assertEquals("abcd", screen.text(0));
    }

    @Test
    void aSnapshotWaitsForTheGroundState() {
        assertTrue(screen.atGround());
        write(screen, ESC + "[3");
        assertFalse(screen.atGround());
        write(screen, "1m");
        assertTrue(screen.atGround());
        screen.write(new byte[] {(byte) 0xe6, (byte) 0x97}, 0, 2);
        assertFalse(screen.atGround());
        screen.write(new byte[] {(byte) 0xa5}, 0, 1);
        assertTrue(screen.atGround());
        assertEquals("日", screen.text(0));
    }

    @Test
    void linksAreKeptWithTheirCells() {
        write(
                screen,
                ESC + "]8;id=1;http://a.example/;b" + ESC + "\\go" + ESC + "]8;;" + ESC + "\\!");
        assertEquals("id=1;http://a.example/;b", screen.active.row(0).style(1).link());
        assertEquals(null, screen.active.row(0).style(2).link());
        assertTrue(screen.snapshot().contains("]8;id=1;http://a.example/;b" + ESC + "\\"));
    }

    @Test
    void cutsAnywhereChangeNothing() {
        for (long seed = 0; seed < 200; seed++) {
            byte[] bytes = new Babble(seed, 12, 5).bytes(40);
            Screen whole = new Screen(12, 5, 7);
            whole.write(bytes, 0, bytes.length);
            // One piece is not cut in a run of characters: xterm.js looks at the ends of runs.
            Screen twice = new Screen(12, 5, 7);
            SplittableRandom random = new SplittableRandom(seed);
            int at = 0;
            while (at < bytes.length) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(9));
                while (end < bytes.length && (bytes[end] >= 0x20 || bytes[end] < 0)) {
                    end++;
                }
                twice.write(bytes, at, end - at);
                at = end;
            }
            assertEquals(Dump.of(whole), Dump.of(twice), "seed " + seed);
        }
    }

    @Test
    void noiseBreaksNothing() {
        SplittableRandom random = new SplittableRandom(7);
        Screen victim = new Screen(20, 6, 10);
        byte[] noise = new byte[1000];
        for (int i = 0; i < 2000; i++) {
            random.nextBytes(noise);
            for (int j = 0; j < noise.length; j++) {
                // Many escapes, or noise would be text alone.
                if (random.nextInt(12) == 0) {
                    noise[j] = 0x1b;
                } else if (random.nextInt(3) == 0) {
                    noise[j] = (byte) "[]?;:0123456789mhlHJKLMPSTXr".charAt(random.nextInt(28));
                }
            }
            victim.write(noise, 0, noise.length);
            victim.takeAnswers();
        }
        write(victim, "\u0018" + ESC + "cstill here");
        assertEquals("still here", victim.text(0));
    }

    @Test
    void aSnapshotOfASnapshotIsTheSame() {
        int checked = 0;
        for (long seed = 0; seed < 500; seed++) {
            byte[] bytes = new Babble(seed, 14, 5).bytes(30);
            Screen original = new Screen(14, 5, 7);
            original.write(bytes, 0, bytes.length);
            if (!original.atGround()) {
                continue;
            }
            Screen restored = new Screen(14, 5, 7);
            write(restored, original.snapshot());
            Screen again = new Screen(14, 5, 7);
            write(again, restored.snapshot());
            assertEquals(Dump.of(restored), Dump.of(again), "seed " + seed);
            assertArrayEquals(new byte[0], restored.takeAnswers(), "a snapshot asks nothing");
            checked++;
        }
        assertTrue(checked > 400, "snapshots taken: " + checked);
    }

    @Test
    void impossibleSizesAreRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Screen(1, 5, 0));
        assertThrows(IllegalArgumentException.class, () -> new Screen(80, 1, 0));
        assertThrows(IllegalArgumentException.class, () -> new Screen(501, 24, 0));
        assertThrows(IllegalArgumentException.class, () -> new Screen(80, 24, -1));
        assertThrows(IndexOutOfBoundsException.class, () -> screen.write(new byte[3], 2, 2));
    }
}
