package dev.tendril.worker.terminal.host;

import java.io.IOException;
import java.util.Arrays;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;

/// One program on its terminal, with three threads: one reads its output into the ring, one writes
/// its input, one waits for its end.
final class HostedSession {

    /// A slow worker makes the program wait when it lags by so much; without a worker nothing
    /// waits.
    private static final int MOST_LAG = 2 << 20;

    private static final int READ_BYTES = 8 << 10;
    private static final byte[] STOP = new byte[0];

    private final String id;
    private final PtyBackend.Pty pty;
    private final Ring ring;
    private final Runnable news;
    private final long createdAtMillis;
    private final LinkedBlockingQueue<byte[]> input = new LinkedBlockingQueue<>();
    private String name;
    private int columns;
    private int rows;
    private long queued;
    private long typed;
    private boolean paused;
    private boolean followed;
    private long sent;
    private boolean readerDone;
    private int exit = -1;
    private boolean ending;
    private HostFrame.@Nullable Keyframe keyframe;

    HostedSession(
            HostFrame.Spawn spawn,
            PtyBackend.Pty pty,
            Ring ring,
            long createdAtMillis,
            Runnable news) {
        this.id = spawn.id();
        this.name = spawn.name();
        this.columns = spawn.columns();
        this.rows = spawn.rows();
        this.pty = pty;
        this.ring = ring;
        this.createdAtMillis = createdAtMillis;
        this.news = news;
        thread("read", this::read);
        thread("write", this::write);
        thread("wait", this::await);
    }

    private void thread(String what, Runnable work) {
        Thread.ofPlatform().daemon().name("pty-" + what).start(work);
    }

    String id() {
        return id;
    }

    synchronized HostFrame.Session describe() {
        return new HostFrame.Session(
                id,
                name,
                columns,
                rows,
                createdAtMillis,
                pty.pid(),
                ring.first(),
                ring.end(),
                queued,
                readerDone ? exit : -1);
    }

    /// The worker's keyframe, if the output after it is still whole.
    synchronized HostFrame.@Nullable Keyframe keyframe() {
        HostFrame.Keyframe kept = keyframe;
        return kept != null && kept.offset() >= ring.first() ? kept : null;
    }

    synchronized void keep(HostFrame.Keyframe frame) {
        keyframe = frame;
    }

    synchronized void rename(String other) {
        name = other;
    }

    synchronized void resize(int newColumns, int newRows) throws IOException {
        columns = newColumns;
        rows = newRows;
        if (exit < 0) {
            pty.resize(newColumns, newRows);
        }
    }

    synchronized void pause(boolean on) {
        paused = on;
        notifyAll();
    }

    synchronized void follow(long from) {
        followed = true;
        sent = Math.max(from, ring.first());
        notifyAll();
    }

    /// The worker is gone: nothing makes the program wait.
    synchronized void unfollow() {
        followed = false;
        paused = false;
        notifyAll();
    }

    /// Takes input that was not taken before.
    synchronized void input(long offset, byte[] bytes) {
        long skip = queued - offset;
        if (skip < 0 || skip >= bytes.length || exit >= 0) {
            return;
        }
        byte[] fresh = Arrays.copyOfRange(bytes, (int) skip, bytes.length);
        queued += fresh.length;
        input.add(fresh);
    }

    synchronized long typed() {
        return typed;
    }

    /// What to send next, or null.
    ///
    /// @param most bytes of output
    synchronized @Nullable HostFrame next(int most) {
        if (!followed) {
            return null;
        }
        if (sent < ring.end()) {
            sent = Math.max(sent, ring.first());
            byte[] bytes = ring.read(sent, most);
            HostFrame frame = new HostFrame.Output(id, sent, bytes);
            sent += bytes.length;
            notifyAll();
            return frame;
        }
        if (readerDone && exit >= 0) {
            followed = false;
            return new HostFrame.Exited(id, ring.end(), exit);
        }
        return null;
    }

    /// Whether it has ended and the worker wants it no more.
    synchronized boolean isOver() {
        return ending && readerDone && exit >= 0;
    }

    /// Waits for its end, 5 s at most.
    synchronized void awaitEnd() {
        long until = System.nanoTime() + 5_000_000_000L;
        try {
            while (exit < 0 && System.nanoTime() - until < 0) {
                wait(50);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends it; returns at once.
    void end() {
        synchronized (this) {
            if (ending) {
                return;
            }
            ending = true;
            paused = false;
            notifyAll();
        }
        thread(
                "end",
                () -> {
                    try {
                        if (describe().exit() < 0) {
                            pty.end();
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    news.run();
                });
    }

    private void read() {
        byte[] buffer = new byte[READ_BYTES];
        try {
            int length = pty.read(buffer);
            while (length >= 0) {
                synchronized (this) {
                    while (!ending && (paused || followed && ring.end() - sent > MOST_LAG)) {
                        wait();
                    }
                    ring.append(buffer, length);
                }
                news.run();
                length = pty.read(buffer);
            }
        } catch (IOException e) {
            // The terminal is closed: the same as its end.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            readerDone = true;
        }
        news.run();
    }

    private void write() {
        try {
            byte[] bytes = input.take();
            while (bytes.length > 0) {
                pty.write(bytes);
                synchronized (this) {
                    typed += bytes.length;
                }
                news.run();
                bytes = input.take();
            }
        } catch (IOException e) {
            // The program is gone.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void await() {
        try {
            int code = pty.waitFor();
            synchronized (this) {
                exit = code;
                notifyAll();
            }
            input.add(STOP);
            news.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
