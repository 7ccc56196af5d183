package dev.tendril.worker.terminal.host;

import dev.tendril.worker.local.LocalSocket;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The host: sessions, and the one worker that is connected. A newer worker takes the place of an
/// older one. The process ends by itself when it has had neither for ten minutes.
public final class PtyHost implements AutoCloseable {

    /// Sessions at once.
    static final int MOST = 200;

    private static final int RING_BYTES = 4 << 20;
    private static final int SEND_BYTES = 32 << 10;
    private static final long IDLE_SECONDS = 600;

    private final Map<String, HostedSession> sessions = new ConcurrentHashMap<>();
    private final PtyBackend backend;
    private final Path rings;
    private final InstantSource clock;
    private final LocalSocket socket;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile @Nullable Connection current;
    private volatile long lastUseNanos = System.nanoTime();

    /// Listens at `pty.sock` in a folder.
    ///
    /// @throws IOException when another host serves it
    public PtyHost(Path folder, PtyBackend backend, InstantSource clock) throws IOException {
        this.backend = backend;
        this.clock = clock;
        Path shared = Path.of("/dev/shm");
        this.rings = Files.isWritable(shared) ? shared : folder;
        this.socket =
                LocalSocket.listen(
                        folder.resolve("pty.sock"),
                        Thread.ofPlatform().daemon().name("pty-host").factory(),
                        this::serve);
    }

    /// The backend of this system.
    public static PtyBackend backend() {
        return new Pty4jBackend();
    }

    /// Waits until it has nothing to do for ten minutes, or is closed.
    public void awaitEnd() throws InterruptedException {
        while (!closed.await(5, TimeUnit.SECONDS)) {
            if (!sessions.isEmpty() || current != null) {
                lastUseNanos = System.nanoTime();
            } else if (System.nanoTime() - lastUseNanos > TimeUnit.SECONDS.toNanos(IDLE_SECONDS)) {
                return;
            }
        }
    }

    /// Ends all sessions and the host.
    @Override
    public void close() {
        socket.close();
        Connection connection = current;
        if (connection != null) {
            connection.close();
        }
        sessions.values().forEach(HostedSession::end);
        for (HostedSession session : sessions.values()) {
            session.awaitEnd();
        }
        closed.countDown();
    }

    private void serve(SocketChannel channel) {
        Connection connection = new Connection(channel);
        Connection older = current;
        current = connection;
        if (older != null) {
            older.close();
        }
        connection.run();
        if (current == connection) {
            current = null;
            sessions.values().forEach(HostedSession::unfollow);
        }
    }

    private void news() {
        Connection connection = current;
        if (connection != null) {
            connection.news.release();
        }
    }

    /// A worker.
    private final class Connection {
        private final SocketChannel channel;
        private final DataOutputStream out;
        private final Semaphore news = new Semaphore(1);
        private final Map<String, Long> typedSaid = new HashMap<>();
        private volatile boolean over;

        Connection(SocketChannel channel) {
            this.channel = channel;
            this.out =
                    new DataOutputStream(
                            new BufferedOutputStream(Channels.newOutputStream(channel), 64 << 10));
        }

        void close() {
            over = true;
            news.release();
            try {
                channel.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }

        void run() {
            try (channel) {
                DataInputStream in =
                        new DataInputStream(
                                new BufferedInputStream(Channels.newInputStream(channel)));
                if (!(HostFrame.read(in) instanceof HostFrame.Hello)) {
                    return;
                }
                say(new HostFrame.Hello(HostFrame.VERSION));
                for (HostedSession session : sessions.values()) {
                    say(session.describe());
                }
                Thread.ofPlatform().daemon().name("pty-send").start(this::send);
                while (!over) {
                    take(HostFrame.read(in));
                }
            } catch (IOException e) {
                // The worker is gone; its sessions stay.
            } finally {
                over = true;
                news.release();
            }
        }

        private synchronized void say(HostFrame frame) throws IOException {
            frame.write(out);
        }

        private void take(HostFrame frame) throws IOException {
            switch (frame) {
                case HostFrame.Spawn f -> spawn(f);
                case HostFrame.Follow f -> {
                    HostedSession session = sessions.get(f.id());
                    if (session != null) {
                        HostFrame.Keyframe keyframe = session.keyframe();
                        if (keyframe != null && keyframe.offset() >= f.from()) {
                            say(keyframe);
                            session.follow(keyframe.offset());
                        } else {
                            session.follow(f.from());
                        }
                        news.release();
                    }
                }
                case HostFrame.Input f -> with(f.id(), s -> s.input(f.offset(), f.bytes()));
                case HostFrame.Resize f -> {
                    HostedSession session = sessions.get(f.id());
                    if (session != null) {
                        session.resize(f.columns(), f.rows());
                    }
                }
                case HostFrame.Pause f -> with(f.id(), s -> s.pause(f.paused()));
                case HostFrame.Keyframe f -> with(f.id(), s -> s.keep(f));
                case HostFrame.Rename f -> with(f.id(), s -> s.rename(f.name()));
                case HostFrame.End f -> with(f.id(), HostedSession::end);
                case HostFrame.Leave _ -> PtyHost.this.close();
                case HostFrame.Hello _,
                        HostFrame.Session _,
                        HostFrame.Failed _,
                        HostFrame.Output _,
                        HostFrame.Typed _,
                        HostFrame.Exited _ ->
                        throw new IOException("a host says this");
            }
        }

        private void with(String id, java.util.function.Consumer<HostedSession> action) {
            HostedSession session = sessions.get(id);
            if (session != null) {
                action.accept(session);
            }
        }

        private void spawn(HostFrame.Spawn f) throws IOException {
            if (sessions.containsKey(f.id())) {
                say(sessions.get(f.id()).describe());
                return;
            }
            if (sessions.size() >= MOST) {
                say(new HostFrame.Failed(f.id(), "There are " + MOST + " sessions already."));
                return;
            }
            try {
                PtyBackend.Pty pty =
                        backend.spawn(
                                new PtyBackend.Spec(
                                        f.command(),
                                        Path.of(f.folder()),
                                        Pty4jBackend.environment(System.getenv()),
                                        f.columns(),
                                        f.rows()));
                HostedSession session =
                        new HostedSession(
                                f,
                                pty,
                                new Ring(rings, RING_BYTES),
                                clock.millis(),
                                PtyHost.this::news);
                sessions.put(f.id(), session);
                say(session.describe());
            } catch (IOException | RuntimeException e) {
                say(new HostFrame.Failed(f.id(), String.valueOf(e.getMessage())));
            }
        }

        /// Round and round: each session gets its 32 KiB, then the next.
        private void send() {
            try {
                while (!over) {
                    news.acquire();
                    news.drainPermits();
                    boolean more = true;
                    while (more && !over) {
                        more = false;
                        for (HostedSession session : sessions.values()) {
                            more |= sendOf(session);
                        }
                    }
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                close();
            }
        }

        private boolean sendOf(HostedSession session) throws IOException {
            boolean any = false;
            long typed = session.typed();
            Long said = typedSaid.put(session.id(), typed);
            if (typed > (said == null ? 0 : said)) {
                say(new HostFrame.Typed(session.id(), typed));
                any = true;
            }
            HostFrame frame = session.next(SEND_BYTES);
            if (frame != null) {
                say(frame);
                any = true;
            } else if (session.isOver()) {
                sessions.remove(session.id());
                typedSaid.remove(session.id());
            }
            return any;
        }
    }
}
