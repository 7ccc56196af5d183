package dev.tendril.worker.local;

import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How the command line speaks to a running worker: `control.sock` in the data directory.
public final class ControlSocket implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(ControlSocket.class);

    private final LocalSocket socket;

    private ControlSocket(LocalSocket socket) {
        this.socket = socket;
    }

    /// Answers one connection of the command line.
    public interface Answers {
        /// Returns when the conversation is over.
        void talk(Map<String, @Nullable Object> request, Talk talk)
                throws IOException, InterruptedException;
    }

    /// Listens.
    ///
    /// @throws IOException when another process serves this data directory
    public static ControlSocket listen(Path dataDir, Answers answers) throws IOException {
        return new ControlSocket(
                LocalSocket.listen(
                        file(dataDir),
                        Thread.ofVirtual().name("control").factory(),
                        channel -> serve(channel, answers)));
    }

    /// Speaks to the worker of a data directory.
    ///
    /// @throws IOException when none runs
    public static Talk connect(Path dataDir) throws IOException {
        return new Talk(LocalSocket.connect(file(dataDir)));
    }

    @Override
    public void close() {
        socket.close();
    }

    private static Path file(Path dataDir) {
        return dataDir.resolve("control.sock");
    }

    private static void serve(SocketChannel channel, Answers answers) {
        try (Talk talk = new Talk(channel)) {
            Map<String, @Nullable Object> request = talk.hear();
            if (request != null) {
                answers.talk(request, talk);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException | RuntimeException e) {
            LOG.debug("a local command ended early", e);
        }
    }
}
