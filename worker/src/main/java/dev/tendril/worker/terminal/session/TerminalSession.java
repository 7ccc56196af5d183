package dev.tendril.worker.terminal.session;

import dev.tendril.worker.terminal.host.HostFrame;
import dev.tendril.worker.terminal.screen.Screen;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One session as the worker sees it: screen, recent output, viewers. All under its own monitor;
/// waiting viewers wait on it.
final class TerminalSession {

    /// Viewers at once.
    static final int MOST_VIEWERS = 16;

    private static final int SCROLLBACK = 5_000;
    private static final int RECENT_BYTES = 2 << 20;

    /// A watcher that lags by more gets a snapshot.
    private static final int MOST_LAG = 1 << 20;

    /// From here on the driver makes the program wait; below half of it it goes on.
    private static final int DRIVER_WINDOW = 512 << 10;

    private static final int KEYFRAME_EVERY = 1 << 20;

    private final String id;
    private final HostClient host;
    private final List<Viewer> viewers = new ArrayList<>();
    private final byte[] recent = new byte[RECENT_BYTES];
    private Screen screen;
    private String name;
    private long createdAtMillis;
    private long end;
    private long first;
    private long typed;
    private long queued;
    private long keyframeAt;
    private long liveFrom;
    private int exit = -1;
    private boolean lost;
    private boolean paused;
    private @Nullable String failed;
    private boolean started;
    private @Nullable Viewer driver;

    TerminalSession(String id, String name, int columns, int rows, HostClient host) {
        this.id = id;
        this.name = name;
        this.host = host;
        this.screen = new Screen(columns, rows, SCROLLBACK);
    }

    String id() {
        return id;
    }

    synchronized String name() {
        return name;
    }

    synchronized int exit() {
        return exit;
    }

    synchronized void rename(String other) {
        name = other;
        host.say(new HostFrame.Rename(id, other));
    }

    synchronized Listed listed() {
        return new Listed(
                id,
                name,
                lost ? "lost" : exit >= 0 ? "exited" : "running",
                screen.columns(),
                screen.rows(),
                createdAtMillis,
                exit,
                viewers.size(),
                screen.title());
    }

    /// What a list shows.
    record Listed(
            String id,
            String name,
            String status,
            int columns,
            int rows,
            long createdAtMillis,
            int exit,
            int viewers,
            String title) {}

    // ---- what the host says

    /// The host has it, newly or still.
    ///
    /// @return where its output shall be followed from
    synchronized long hosted(HostFrame.Session said) {
        name = said.name();
        createdAtMillis = said.createdAtMillis();
        lost = false;
        started = true;
        liveFrom = said.end();
        typed = Math.max(typed, said.typed());
        queued = Math.max(queued, said.typed());
        if (end == 0 && said.end() > 0) {
            // This worker is new: the host's keyframe comes first, if there is one.
            screen = new Screen(said.columns(), said.rows(), SCROLLBACK);
            end = said.first();
            first = end;
        }
        notifyAll();
        return end;
    }

    synchronized void keyframe(HostFrame.Keyframe frame) {
        if (frame.offset() >= end) {
            screen = new Screen(frame.columns(), frame.rows(), SCROLLBACK);
            screen.write(frame.screen(), 0, frame.screen().length);
            screen.takeAnswers();
            end = frame.offset();
            first = end;
            keyframeAt = end;
            notifyAll();
        }
    }

    synchronized void output(HostFrame.Output output) {
        byte[] bytes = output.bytes();
        long skip = end - output.offset();
        if (skip < 0) {
            // The host dropped what came between: the screen begins anew with what there is.
            end = output.offset();
            first = end;
            skip = 0;
        }
        if (skip >= bytes.length) {
            return;
        }
        int from = (int) skip;
        screen.write(bytes, from, bytes.length - from);
        for (int i = from; i < bytes.length; ) {
            int at = (int) (end % RECENT_BYTES);
            int run = Math.min(bytes.length - i, RECENT_BYTES - at);
            System.arraycopy(bytes, i, recent, at, run);
            i += run;
            end += run;
        }
        first = Math.max(first, end - RECENT_BYTES);
        byte[] answers = screen.takeAnswers();
        // What was asked before this worker read it is answered no more: the program has given up,
        // and would take the answer for something typed.
        if (answers.length > 0 && end > liveFrom) {
            type(answers);
        }
        if (end - keyframeAt > KEYFRAME_EVERY && screen.atGround()) {
            keyframeAt = end;
            host.say(
                    new HostFrame.Keyframe(
                            id, end, screen.columns(), screen.rows(), snapshotBytes()));
        }
        pace();
        notifyAll();
    }

    synchronized void typed(long total) {
        typed = Math.max(typed, total);
        notifyAll();
    }

    synchronized void exited(long at, int code) {
        exit = code;
        notifyAll();
    }

    synchronized void failed(String why) {
        failed = why;
        exit = 255;
        notifyAll();
    }

    /// The host is gone, and with it the program.
    synchronized void lost() {
        if (exit < 0) {
            lost = true;
            exit = 255;
        }
        notifyAll();
    }

    /// Waits until the host has answered.
    ///
    /// @return why it could not be started, or null
    synchronized @Nullable String awaitStart(long millis) throws InterruptedException {
        long until = System.nanoTime() + millis * 1_000_000;
        while (!started && failed == null && !lost) {
            long left = (until - System.nanoTime()) / 1_000_000;
            if (left <= 0) {
                return "The PTY host did not answer.";
            }
            wait(left);
        }
        return failed;
    }

    // ---- viewers

    /// @return null when there are too many
    synchronized @Nullable Viewer join(boolean watchOnly, int columns, int rows, long have) {
        if (viewers.size() >= MOST_VIEWERS) {
            return null;
        }
        Viewer viewer = new Viewer(watchOnly, columns, rows, have);
        viewers.add(viewer);
        if (driver == null && !watchOnly) {
            drive(viewer);
        }
        notifyAll();
        return viewer;
    }

    synchronized void leave(Viewer viewer) {
        viewers.remove(viewer);
        if (driver == viewer) {
            driver = null;
            for (Viewer other : viewers) {
                if (!other.watchOnly) {
                    drive(other);
                    break;
                }
            }
        }
        pace();
        notifyAll();
    }

    private void drive(Viewer viewer) {
        driver = viewer;
        resize(viewer.columns, viewer.rows);
        notifyAll();
    }

    private void resize(int columns, int rows) {
        if (columns >= 2
                && columns <= 500
                && rows >= 2
                && rows <= 300
                && (columns != screen.columns() || rows != screen.rows())) {
            screen.resize(columns, rows);
            host.say(new HostFrame.Resize(id, columns, rows));
            // Everybody sees the new size with what stands on it.
            for (Viewer viewer : viewers) {
                viewer.at = -1;
            }
        }
    }

    /// Lets the driver's slowness reach the program.
    private void pace() {
        Viewer current = driver;
        long lag = current == null || current.at < 0 ? 0 : end - current.at;
        boolean wanted = paused ? lag > DRIVER_WINDOW / 2 : lag > DRIVER_WINDOW;
        if (wanted != paused) {
            paused = wanted;
            host.say(new HostFrame.Pause(id, paused));
        }
    }

    private byte[] snapshotBytes() {
        return screen.snapshot().getBytes(StandardCharsets.UTF_8);
    }

    private void type(byte[] bytes) {
        host.say(new HostFrame.Input(id, queued, bytes));
        queued += bytes.length;
    }

    /// One who looks.
    final class Viewer {
        private final boolean watchOnly;
        private int columns;
        private int rows;
        private long at;
        private long input;
        private long inputEnd = -1;
        private boolean saidDriver;
        private int saidViewers = -1;
        private long saidTyped;
        private boolean gone;

        private Viewer(boolean watchOnly, int columns, int rows, long have) {
            this.watchOnly = watchOnly;
            this.columns = columns;
            this.rows = rows;
            this.at = have >= first && have <= end && have > 0 ? have : -1;
        }

        /// Input, each byte once, in order.
        ///
        /// @return false when this viewer may not type, or left bytes out
        boolean input(long offset, byte[] bytes) throws InterruptedException {
            synchronized (TerminalSession.this) {
                if (watchOnly || offset > input) {
                    return false;
                }
                int skip = (int) Math.min(bytes.length, input - offset);
                byte[] fresh = Arrays.copyOfRange(bytes, skip, bytes.length);
                // A program that does not read makes this viewer wait, and nobody else.
                while (!gone && exit < 0 && queued - typed + fresh.length > 256 << 10) {
                    TerminalSession.this.wait();
                }
                if (fresh.length > 0 && exit < 0 && !gone) {
                    if (driver != this) {
                        drive(this);
                    }
                    type(fresh);
                    input += fresh.length;
                    inputEnd = queued;
                }
                return true;
            }
        }

        void size(int newColumns, int newRows) {
            synchronized (TerminalSession.this) {
                columns = newColumns;
                rows = newRows;
                if (driver == this) {
                    resize(newColumns, newRows);
                    TerminalSession.this.notifyAll();
                }
            }
        }

        void gone() {
            synchronized (TerminalSession.this) {
                gone = true;
                leave(this);
            }
        }

        /// Waits for what comes next.
        ///
        /// @return null when the viewer left
        @Nullable TerminalFrame next(int most) throws InterruptedException {
            synchronized (TerminalSession.this) {
                int patience = 0;
                while (!gone) {
                    boolean drives = driver == this;
                    if (drives != saidDriver || viewers.size() != saidViewers) {
                        saidDriver = drives;
                        saidViewers = viewers.size();
                        return new TerminalFrame.State(drives, saidViewers);
                    }
                    if (inputEnd >= 0 && typed >= inputEnd && saidTyped < input) {
                        saidTyped = input;
                        return new TerminalFrame.Typed(input);
                    }
                    if (at < first || end - at > MOST_LAG) {
                        if (screen.atGround() || patience++ > 20) {
                            at = end;
                            pace();
                            return new TerminalFrame.Snapshot(
                                    at, screen.columns(), screen.rows(), snapshotBytes());
                        }
                        TerminalSession.this.wait(10);
                        continue;
                    }
                    if (at < end) {
                        byte[] bytes = new byte[(int) Math.min(most, end - at)];
                        for (int i = 0; i < bytes.length; i++) {
                            bytes[i] = recent[(int) ((at + i) % RECENT_BYTES)];
                        }
                        TerminalFrame frame = new TerminalFrame.Output(at, bytes);
                        at += bytes.length;
                        pace();
                        return frame;
                    }
                    if (exit >= 0) {
                        gone = true;
                        return new TerminalFrame.Exit(exit);
                    }
                    TerminalSession.this.wait();
                }
                return null;
            }
        }
    }
}
