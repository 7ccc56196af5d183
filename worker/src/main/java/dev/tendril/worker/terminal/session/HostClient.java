package dev.tendril.worker.terminal.session;

import dev.tendril.worker.local.LocalSocket;
import dev.tendril.worker.terminal.host.HostFrame;
import dev.tendril.worker.terminal.host.HostMain;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.File;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The worker's connection to its PTY host, which is started when it is first needed and found
/// again after a restart of the worker.
final class HostClient implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HostClient.class);
    private static final int START_TRIES = 200;
    private static final HostFrame STOP = new HostFrame.Hello(0);

    private final Path folder;
    private final Consumer<HostFrame> heard;
    private final Runnable lost;
    private @Nullable Connection current;

    /// @param folder of the socket
    /// @param heard gets what the host says, in order
    /// @param lost told when the connection ends
    HostClient(Path folder, Consumer<HostFrame> heard, Runnable lost) {
        this.folder = folder;
        this.heard = heard;
        this.lost = lost;
    }

    /// Connects to a host that runs, if one does.
    synchronized boolean find() {
        if (current != null) {
            return true;
        }
        try {
            current = new Connection(LocalSocket.connect(socket()));
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /// Connects, and starts a host if none runs.
    ///
    /// @throws IOException with a sentence for people
    synchronized void need() throws IOException {
        if (find()) {
            return;
        }
        Process process = start();
        try {
            for (int i = 0; i < START_TRIES; i++) {
                if (find()) {
                    return;
                }
                if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                    break;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new IOException("The PTY host does not start; see " + log() + ".");
    }

    /// Says something, without waiting; nothing happens without a host.
    void say(HostFrame frame) {
        Connection connection;
        synchronized (this) {
            connection = current;
        }
        if (connection != null) {
            connection.out.add(frame);
        }
    }

    @Override
    public synchronized void close() {
        if (current != null) {
            current.close();
        }
    }

    private Path socket() {
        return folder.resolve("pty.sock");
    }

    private Path log() {
        return folder.resolve("pty-host.log");
    }

    /// In a session of its own, so that what ends the worker does not end it.
    private Process start() throws IOException {
        List<String> command = new ArrayList<>();
        if (Files.isExecutable(Path.of("/usr/bin/setsid"))) {
            command.add("/usr/bin/setsid");
        }
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-XX:TieredStopAtLevel=1",
                        "-Xmx64m",
                        "-Xss256k",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        classPath(),
                        HostMain.class.getName(),
                        folder.toString()));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().keySet().removeIf(name -> name.startsWith("TENDRIL_"));
        builder.directory(folder.toFile());
        builder.redirectInput(new File("/dev/null"));
        builder.redirectErrorStream(true);
        builder.redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        return builder.start();
    }

    /// The worker's own, from wherever the host runs.
    private static String classPath() {
        List<String> entries = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            entries.add(Path.of(entry).toAbsolutePath().toString());
        }
        return String.join(File.pathSeparator, entries);
    }

    private final class Connection {
        private final SocketChannel channel;
        private final LinkedBlockingQueue<HostFrame> out = new LinkedBlockingQueue<>();

        Connection(SocketChannel channel) {
            this.channel = channel;
            out.add(new HostFrame.Hello(HostFrame.VERSION));
            Thread.ofVirtual().name("pty-host-out").start(this::write);
            Thread.ofVirtual().name("pty-host-in").start(this::read);
        }

        /// After what is still to be said.
        void close() {
            out.add(STOP);
        }

        private void cut() {
            try {
                channel.close();
            } catch (IOException e) {
                LOG.debug("not closed in order", e);
            }
        }

        private void write() {
            try {
                DataOutputStream to =
                        new DataOutputStream(
                                new BufferedOutputStream(Channels.newOutputStream(channel)));
                HostFrame frame = out.take();
                while (frame != STOP) {
                    frame.write(to);
                    frame = out.take();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                LOG.debug("the PTY host is gone", e);
            } finally {
                cut();
            }
        }

        private void read() {
            try {
                DataInputStream in =
                        new DataInputStream(
                                new BufferedInputStream(
                                        Channels.newInputStream(channel), 64 << 10));
                while (true) {
                    heard.accept(HostFrame.read(in));
                }
            } catch (IOException e) {
                LOG.debug("the PTY host is gone", e);
            } finally {
                synchronized (HostClient.this) {
                    if (current == this) {
                        current = null;
                    }
                }
                close();
                lost.run();
            }
        }
    }
}
