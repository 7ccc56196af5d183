package dev.tendril.worker.local;

import java.io.IOException;
import java.net.ConnectException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadFactory;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A listening Unix-domain socket; each connection gets a thread.
public final class LocalSocket implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LocalSocket.class);

    /// What fits into `sun_path` everywhere.
    private static final int MOST_PATH_BYTES = 103;

    private final Path path;
    private final ServerSocketChannel server;

    private LocalSocket(Path path, ServerSocketChannel server) {
        this.path = path;
        this.server = server;
    }

    /// Listens. A socket file that nobody serves is replaced.
    ///
    /// @param threads for the listener and each connection
    /// @param taken gets each connection and closes it
    /// @throws IOException when another process serves it, or the path is too long
    public static LocalSocket listen(
            Path path, ThreadFactory threads, Consumer<SocketChannel> taken) throws IOException {
        if (path.toString().getBytes(StandardCharsets.UTF_8).length > MOST_PATH_BYTES) {
            throw new IOException("the path " + path + " is too long for a socket");
        }
        if (Files.exists(path)) {
            try (SocketChannel _ = connect(path)) {
                throw new IOException("another process serves " + path);
            } catch (ConnectException e) {
                Files.deleteIfExists(path);
            }
        }
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            server.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException | RuntimeException e) {
            server.close();
            throw e;
        }
        LocalSocket socket = new LocalSocket(path, server);
        threads.newThread(() -> socket.accept(threads, taken)).start();
        return socket;
    }

    /// Connects to one.
    ///
    /// @throws IOException when nobody serves it
    public static SocketChannel connect(Path path) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(path));
            return channel;
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public void close() {
        try {
            if (server.isOpen()) {
                server.close();
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.debug("the socket {} was not closed in order", path, e);
        }
    }

    private void accept(ThreadFactory threads, Consumer<SocketChannel> taken) {
        while (server.isOpen()) {
            try {
                SocketChannel channel = server.accept();
                threads.newThread(() -> taken.accept(channel)).start();
            } catch (IOException e) {
                if (server.isOpen()) {
                    LOG.warn("the socket {} takes no more", path, e);
                }
                return;
            }
        }
    }
}
