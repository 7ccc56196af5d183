package dev.tendril.worker.terminal.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.terminal.screen.Screen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Sessions with a real PTY host in a process of its own.
@Timeout(90)
class TerminalsTest {

    @TempDir private Path folder;
    private Terminals terminals;

    @BeforeEach
    void start() {
        terminals = worker();
    }

    private Terminals worker() {
        return new Terminals(folder, Map.of("HOME", folder.toString(), "SHELL", "/bin/sh"));
    }

    @AfterEach
    void stop() throws Exception {
        terminals.find();
        terminals.endAll();
        await("host ended", () -> !Files.exists(folder.resolve("pty.sock")));
    }

    private static void await(String what, BooleanSupplier holds) {
        long until = System.nanoTime() + 20_000_000_000L;
        while (!holds.getAsBoolean()) {
            assertTrue(System.nanoTime() - until < 0, "not within 20 s: " + what);
            LockSupport.parkNanos(5_000_000);
        }
    }

    /// A viewer with its own screen, as a device has one.
    static final class Eyes {
        private final TerminalSession.Viewer viewer;
        private volatile Screen screen = new Screen(80, 24, 100);
        private volatile int exit = -1;
        private volatile boolean driver;
        private volatile long typed;
        private volatile int snapshots;
        private volatile long bytes;
        private volatile boolean asleep;
        private long sent;

        Eyes(TerminalSession session, boolean watchOnly) {
            TerminalSession.Viewer joined = session.join(watchOnly, 80, 24, -1);
            assertNotNull(joined);
            viewer = joined;
            Thread.ofVirtual().start(this::look);
        }

        private void look() {
            try {
                TerminalFrame frame = viewer.next(32 << 10);
                while (frame != null) {
                    take(TerminalFrame.decode(frame.encode()));
                    while (asleep) {
                        LockSupport.parkNanos(1_000_000);
                    }
                    frame = viewer.next(32 << 10);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private synchronized void take(TerminalFrame frame) {
            switch (frame) {
                case TerminalFrame.Output f -> {
                    screen.write(f.bytes(), 0, f.bytes().length);
                    bytes += f.bytes().length;
                }
                case TerminalFrame.Snapshot f -> {
                    Screen fresh = new Screen(f.columns(), f.rows(), 100);
                    fresh.write(f.screen(), 0, f.screen().length);
                    screen = fresh;
                    snapshots++;
                }
                case TerminalFrame.State f -> driver = f.driver();
                case TerminalFrame.Exit f -> exit = f.code();
                case TerminalFrame.Typed f -> typed = f.total();
                case TerminalFrame.Refused _, TerminalFrame.Input _, TerminalFrame.Size _ -> {}
            }
        }

        void type(String text) throws InterruptedException {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            assertTrue(viewer.input(sent, bytes));
            sent += bytes.length;
        }

        synchronized String text() {
            StringBuilder all = new StringBuilder();
            for (int y = 0; y < screen.rows(); y++) {
                all.append(screen.text(y)).append('\n');
            }
            return all.toString();
        }

        void awaitText(String what) {
            await("on the screen: " + what, () -> text().contains(what));
        }
    }

    private TerminalSession shell(String name) throws Exception {
        return terminals.create(name, List.of("/bin/sh"), null, 80, 24);
    }

    @Test
    void aShellIsTypedToSeenAndLeft() throws Exception {
        TerminalSession session = shell("one");
        Eyes eyes = new Eyes(session, false);
        eyes.type("echo $((6*7)); stty size\n");
        eyes.awaitText("42\n24 80");
        await("typed", () -> eyes.typed == eyes.sent);
        assertThrows(IOException.class, () -> shell("one"));
        terminals.rename(session, "two");
        assertNull(terminals.find("one"));
        assertEquals("two", terminals.list().getFirst().name());
        eyes.type("exit 5\n");
        await("exit", () -> eyes.exit == 5);
        await("gone", () -> terminals.list().isEmpty());
        var no =
                assertThrows(
                        IOException.class,
                        () -> terminals.create("x", List.of("no-such"), null, 80, 24));
        assertEquals("There is no program no-such.", no.getMessage());
        assertThrows(
                IOException.class,
                () -> terminals.create("x", List.of(), folder.resolve("gone").toString(), 80, 24));
    }

    @Test
    void repeatedInputIsTypedOnceAndAWatchersNever() throws Exception {
        TerminalSession session = shell("one");
        Eyes eyes = new Eyes(session, false);
        byte[] line = "echo a$((1+1))b\n".getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < 5; i++) {
            assertTrue(eyes.viewer.input(0, line));
        }
        assertFalse(eyes.viewer.input(line.length + 1, line), "bytes were left out");
        eyes.sent = line.length;
        eyes.awaitText("a2b");
        Eyes watcher = new Eyes(session, true);
        watcher.awaitText("a2b");
        assertFalse(watcher.viewer.input(0, "echo no\n".getBytes(StandardCharsets.UTF_8)));
        assertFalse(watcher.driver);
        watcher.viewer.size(40, 10);
        eyes.type("echo done$((1+1)); stty size\n");
        eyes.awaitText("done2\n24 80");
        assertEquals(1, eyes.text().split("\na2b", -1).length - 1, eyes.text());
        assertFalse(eyes.text().contains("no"));
    }

    @Test
    void typingTakesTheSizeAlong() throws Exception {
        TerminalSession session = shell("one");
        Eyes first = new Eyes(session, false);
        Eyes second = new Eyes(session, false);
        await("driver", () -> first.driver && !second.driver);
        second.viewer.size(100, 30);
        first.type("stty size\n");
        first.awaitText("24 80");
        second.type("stty size\n");
        second.awaitText("30 100");
        await("driver", () -> second.driver && !first.driver);
        await("size", () -> first.screen.columns() == 100);
        second.viewer.gone();
        await("driver again", () -> first.driver);
    }

    @Test
    void questionsAreAnsweredOnceHoweverManyLook() throws Exception {
        // Told when all look: a later one would get the answer drawn in a snapshot, without its
        // blanks.
        Path all = folder.resolve("all-look");
        TerminalSession session =
                terminals.create(
                        "ask",
                        List.of(
                                "/bin/sh",
                                "-c",
                                "stty raw -echo; printf '\\033[6n\\033[c';"
                                        + " until [ -e '"
                                        + all
                                        + "' ]; do sleep 0.05; done; head -c 13 | od -An -c; sleep 60"),
                        null,
                        80,
                        24);
        for (int i = 0; i < 3; i++) {
            new Eyes(session, i > 0);
        }
        Eyes eyes = new Eyes(session, false);
        Files.createFile(all);
        eyes.awaitText("[   1   ;   1   R 033   [   ?   1   ;   2   c");
    }

    @Test
    void aFloodNeitherFillsMemoryNorStopsAWatcher() throws Exception {
        TerminalSession session =
                terminals.create("flood", List.of("/bin/sh", "-c", "yes"), null, 80, 24);
        Eyes driver = new Eyes(session, false);
        Eyes watcher = new Eyes(session, true);
        await("flows", () -> driver.bytes > 1 << 20);
        driver.asleep = true;
        await("the driver's slowness reaches the program", () -> stands(watcher));
        driver.asleep = false;
        watcher.asleep = true;
        long before = driver.bytes;
        await("goes on without the watcher", () -> driver.bytes > before + (6 << 20));
        int snapshots = watcher.snapshots;
        watcher.asleep = false;
        await("the watcher is there again", () -> watcher.snapshots > snapshots);
        terminals.end(session);
        await("ended", () -> driver.exit >= 0 && watcher.exit >= 0);
    }

    private static boolean stands(Eyes eyes) {
        long before = eyes.bytes;
        LockSupport.parkNanos(300_000_000);
        return eyes.bytes == before;
    }

    @Test
    void sessionsOutliveTheWorkerAndNothingIsTypedTwice() throws Exception {
        TerminalSession session = shell("kept");
        Eyes eyes = new Eyes(session, false);
        eyes.type("PS1=; A=1; echo before$A\n");
        eyes.awaitText("before1");
        // Output while no worker is there, more than one keyframe of it, and a question in it.
        eyes.type("sleep 1; seq 1 300000; printf '\\033[6n'; echo after$A\n");
        await("typed", () -> eyes.typed == eyes.sent);
        terminals.close();
        LockSupport.parkNanos(2_500_000_000L);
        terminals = worker();
        terminals.find();
        await("found", () -> terminals.find("kept") != null);
        TerminalSession again = terminals.find("kept");
        assertNotNull(again);
        assertEquals(session.id(), again.id());
        Eyes other = new Eyes(again, false);
        other.awaitText("after1");
        other.type("echo still$A\n");
        other.awaitText("still1");
        assertFalse(other.text().contains("R: "), "the old question was answered: " + other.text());
        assertTrue(other.text().contains("300000"), other.text());
    }

    @Test
    void aViewerThatComesBackGetsWhatItMissedAndNoMore() throws Exception {
        TerminalSession session = shell("one");
        Eyes eyes = new Eyes(session, false);
        eyes.type("PS1=; seq 1 20; echo end\n");
        eyes.awaitText("20\nend");
        TerminalSession.Viewer late = session.join(true, 80, 24, 10);
        assertNotNull(late);
        TerminalFrame frame = late.next(1000);
        while (frame instanceof TerminalFrame.State) {
            frame = late.next(1000);
        }
        assertEquals(10, assertInstanceOf(TerminalFrame.Output.class, frame).offset());
        TerminalSession.Viewer beyond = session.join(true, 80, 24, 1L << 40);
        assertNotNull(beyond);
        frame = beyond.next(1000);
        while (frame instanceof TerminalFrame.State) {
            frame = beyond.next(1000);
        }
        assertInstanceOf(TerminalFrame.Snapshot.class, frame);
    }
}
