package dev.tendril.worker.terminal.screen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Cell by cell against `@xterm/headless`, over recorded programs and random output: the model
/// itself, and what xterm.js makes of its snapshots.
///
/// Needs Node.js and the npm packages of `web/`; skipped without them, unless
/// `-Dscreen.oracle=required`. `-Dscreen.seed=` repeats one random case.
class ScreenOracleTest {

    private static final Path WEB = Path.of("../web");
    private static final Path RECORDINGS = Path.of("src/test/resources/terminal");
    private static final int RANDOM_CASES = 400;
    private static final int CUTS = 40;

    private static Oracle oracle;

    @BeforeAll
    static void start() throws IOException {
        boolean ready = Files.isDirectory(WEB.resolve("node_modules/@xterm/headless"));
        if ("required".equals(System.getProperty("screen.oracle"))) {
            assertTrue(ready, "npm packages of web/ are missing");
        }
        Assumptions.assumeTrue(ready, "npm packages of web/ are missing");
        oracle = new Oracle();
    }

    @AfterAll
    static void stop() {
        if (oracle != null) {
            oracle.process.destroyForcibly();
        }
    }

    @Test
    void recordedProgramsLookTheSameAtEveryCut() throws IOException {
        List<Path> recordings;
        try (Stream<Path> files = Files.list(RECORDINGS)) {
            recordings = files.sorted().toList();
        }
        assertTrue(recordings.size() >= 5, "recordings: " + recordings);
        Tally tally = new Tally();
        for (Path recording : recordings) {
            byte[] bytes = Files.readAllBytes(recording);
            SplittableRandom random = new SplittableRandom(1);
            for (int i = 0; i <= CUTS; i++) {
                int end = i == CUTS ? bytes.length : random.nextInt(bytes.length);
                String name = recording.getFileName() + " cut at " + end;
                tally.add(check(name, Arrays.copyOf(bytes, end), 80, 24, 1000));
            }
        }
        assertEquals(0, tally.snapshotsOff, "restored otherwise: " + tally.off);
        assertTrue(tally.snapshots > 100, "snapshots: " + tally.snapshots);
    }

    @Test
    void randomOutputLooksTheSame() throws IOException {
        String fixed = System.getProperty("screen.seed");
        // The same cases on every build; -Dscreen.random=true looks for others.
        long first = 1;
        if (fixed != null) {
            first = Long.parseLong(fixed);
        } else if (Boolean.getBoolean("screen.random")) {
            first = new SplittableRandom().nextLong();
        }
        System.out.println("ScreenOracleTest: seeds from " + first);
        Tally tally = new Tally();
        for (int i = 0; i < (fixed != null ? 1 : RANDOM_CASES); i++) {
            long seed = first + i;
            SplittableRandom random = new SplittableRandom(~seed);
            int columns = 2 + random.nextInt(30);
            int rows = 2 + random.nextInt(10);
            byte[] bytes = new Babble(seed, columns, rows).bytes(1 + random.nextInt(40));
            tally.add(check("-Dscreen.seed=" + seed, bytes, columns, rows, random.nextInt(8)));
        }
        // Off are states that no output leads to directly: half a wide character at the edge
        // with wrapping switched off.
        assertTrue(
                tally.snapshotsOff * 50 <= tally.snapshots,
                tally.snapshotsOff + " of " + tally.snapshots + " off: " + tally.off);
    }

    /// Found by `-Dscreen.random=true`: an underline that restoring the cursor had put to sleep and
    /// a later sequence about its colour woke again.
    @Test
    void whatOnceDifferedLooksTheSame() throws IOException {
        for (long seed : new long[] {-5929622845082555759L}) {
            SplittableRandom random = new SplittableRandom(~seed);
            int columns = 2 + random.nextInt(30);
            int rows = 2 + random.nextInt(10);
            byte[] bytes = new Babble(seed, columns, rows).bytes(1 + random.nextInt(40));
            check("-Dscreen.seed=" + seed, bytes, columns, rows, random.nextInt(8));
        }
        String[] pens = {"4:3", "4", "24", "58;5;3", "59", "0", "1;31"};
        String[] steps = {"\u001b7", "\u001b8", "\u001b]8;;http://a\u0007", "\u001b]8;;\u0007"};
        SplittableRandom random = new SplittableRandom(7);
        for (int i = 0; i < 200; i++) {
            StringBuilder out = new StringBuilder();
            for (int n = 0; n < 12; n++) {
                out.append(
                        random.nextBoolean()
                                ? "\u001b[" + pens[random.nextInt(pens.length)] + "m"
                                : steps[random.nextInt(steps.length)]);
                out.append("\u001b[").append(n + 1).append("Gx");
            }
            byte[] bytes = out.toString().getBytes(StandardCharsets.UTF_8);
            check("pens " + i, bytes, 20, 4, 0);
        }
    }

    /// Fails when the model differs; tells whether the snapshot was restored, or null without one.
    private static Boolean check(String name, byte[] bytes, int columns, int rows, int scrollback)
            throws IOException {
        Screen screen = new Screen(columns, rows, scrollback);
        screen.write(bytes, 0, bytes.length);
        String ours = Dump.of(screen);
        assertEquals(oracle.ask(bytes, columns, rows, scrollback), ours, name);
        if (!screen.atGround()) {
            return null;
        }
        byte[] snapshot = screen.snapshot().getBytes(StandardCharsets.UTF_8);
        String restored = oracle.ask(snapshot, columns, rows, scrollback);
        // Cursor, buffer and modes are always right.
        assertEquals(head(ours), head(restored), name);
        return visible(ours).equals(visible(restored)) ? Boolean.TRUE : Boolean.FALSE;
    }

    private static String head(String dump) {
        return dump.substring(0, dump.indexOf("\nnormal"));
    }

    /// Without two things that a snapshot cannot carry and nobody sees: whether the oldest line
    /// continues one that is gone, and whether a cell is empty or blank.
    private static String visible(String dump) {
        return dump.replaceAll("(?m)^((normal|alternate) [0-9]+\n)\\+", "$1-")
                .replaceAll("(?<=\t|^[-+] |\n[-+] ) ?\\|1", "_|1");
    }

    private static final class Tally {
        private int snapshots;
        private int snapshotsOff;
        private final List<Integer> off = new ArrayList<>();
        private int cases;

        void add(Boolean restored) {
            cases++;
            if (restored != null) {
                snapshots++;
                if (!restored) {
                    snapshotsOff++;
                    off.add(cases - 1);
                }
            }
        }
    }

    private static final class Oracle {
        private final Process process;
        private final DataOutputStream out;
        private final DataInputStream in;

        Oracle() throws IOException {
            process =
                    new ProcessBuilder("node", "packages/terminal/oracle/oracle.mjs")
                            .directory(WEB.toFile())
                            .redirectError(ProcessBuilder.Redirect.DISCARD)
                            .start();
            out = new DataOutputStream(new BufferedOutputStream(process.getOutputStream()));
            in = new DataInputStream(process.getInputStream());
            // Should it hang, it ends, and with it the reading.
            process.onExit()
                    .orTimeout(5, TimeUnit.MINUTES)
                    .whenComplete((_, _) -> process.destroyForcibly());
        }

        String ask(byte[] bytes, int columns, int rows, int scrollback) throws IOException {
            out.writeShort(columns);
            out.writeShort(rows);
            out.writeShort(scrollback);
            out.writeInt(bytes.length);
            out.write(bytes);
            out.flush();
            byte[] text = new byte[in.readInt()];
            if (in.readNBytes(text, 0, text.length) < text.length) {
                fail("the oracle ended");
            }
            return new String(text, StandardCharsets.UTF_8);
        }
    }
}
