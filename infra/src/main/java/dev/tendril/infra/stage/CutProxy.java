package dev.tendril.infra.stage;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/// A TCP proxy that hangs up in the middle: after any number of bytes from the server, or at once
/// on demand. Knows nothing of what flows through it.
public final class CutProxy implements AutoCloseable {
    private static final int BUFFER_BYTES = 16 * 1024;

    private final ServerSocket listener;
    private final List<InetSocketAddress> targets;
    private final Tap tap;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final AtomicInteger cuts = new AtomicInteger();
    private volatile LongSupplier budget = () -> Long.MAX_VALUE;
    private volatile boolean refusing;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private Stalled stalled = Stalled.NOTHING;

    private CutProxy(ServerSocket listener, List<InetSocketAddress> targets, Tap tap) {
        this.listener = listener;
        this.targets = targets;
        this.tap = tap;
    }

    /// What a network swallows without telling anybody; it comes late, when the network is well.
    public enum Stalled {
        /// All is well.
        NOTHING,
        /// What goes to the server.
        REQUESTS,
        /// What comes from the server.
        ANSWERS,
        /// Both.
        ALL
    }

    /// Forwards from a free loopback port to the host and port of `target`.
    public static CutProxy to(URI target) throws IOException {
        return to(List.of(target), Tap.NONE);
    }

    /// Forwards to the first of `targets` that takes the connection.
    ///
    /// @param tap is shown what flows
    public static CutProxy to(List<URI> targets, Tap tap) throws IOException {
        var listener = new ServerSocket(0, 256, InetAddress.getLoopbackAddress());
        var proxy =
                new CutProxy(
                        listener,
                        targets.stream()
                                .map(t -> new InetSocketAddress(t.getHost(), t.getPort()))
                                .toList(),
                        tap);
        AcceptLoop.start("cut-proxy", proxy.listener, proxy::open);
        return proxy;
    }

    /// Where it listens.
    public URI url() {
        return URI.create("http://127.0.0.1:" + listener.getLocalPort());
    }

    /// How many connections were cut by a spent budget.
    public int cuts() {
        return cuts.get();
    }

    /// Each new connection is cut when it has carried this many bytes from the server.
    public void cutAfter(LongSupplier bytes) {
        budget = bytes;
    }

    /// Resets all connections now.
    public void cutAll() {
        sockets.forEach(CutProxy::reset);
    }

    /// While true, new connections are reset as soon as they are made.
    public void refuse(boolean refuse) {
        refusing = refuse;
    }

    /// From now on connections stay open and can be made, but carry nothing in that direction.
    public void stall(Stalled what) {
        lock.lock();
        try {
            stalled = what;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private void awaitPassage(Stalled direction) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!listener.isClosed() && (stalled == Stalled.ALL || stalled == direction)) {
                changed.await();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        stall(Stalled.NOTHING);
        cutAll();
    }

    private void open(Socket client) {
        sockets.add(client);
        @Nullable Socket server = null;
        try {
            if (refusing) {
                throw new IOException("refusing");
            }
            client.setTcpNoDelay(true);
            Socket reached = connect();
            server = reached;
            sockets.add(reached);
            reached.setTcpNoDelay(true);
            long bytes = budget.getAsLong();
            Tap.Wire wire = tap.open();
            Thread up =
                    Thread.ofVirtual()
                            .start(() ->
                                    pump(
                                            client,
                                            reached,
                                            Stalled.REQUESTS,
                                            Long.MAX_VALUE,
                                            wire::fromClient));
            pump(reached, client, Stalled.ANSWERS, bytes, wire::fromServer);
            up.join();
        } catch (IOException _) {
            // The target is away: the client sees a reset, as it would without a proxy.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } finally {
            reset(client);
            sockets.remove(client);
            if (server != null) {
                reset(server);
                sockets.remove(server);
            }
        }
    }

    private Socket connect() throws IOException {
        for (int i = 0; ; i++) {
            var socket = new Socket();
            try {
                socket.connect(targets.get(i), 5_000);
                return socket;
            } catch (IOException e) {
                socket.close();
                if (i == targets.size() - 1) {
                    throw e;
                }
            }
        }
    }

    /// Copies until the end or the budget's; then both directions are over.
    private void pump(
            Socket from,
            Socket to,
            Stalled direction,
            long budgetBytes,
            ObjIntConsumer<byte[]> watch) {
        var buffer = new byte[BUFFER_BYTES];
        long left = budgetBytes;
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            while (left > 0) {
                int n = in.read(buffer, 0, (int) Math.min(buffer.length, left));
                awaitPassage(direction);
                if (n < 0) {
                    to.shutdownOutput();
                    return;
                }
                watch.accept(buffer, n);
                out.write(buffer, 0, n);
                left -= n;
            }
            cuts.incrementAndGet();
        } catch (IOException _) {
            // One side is gone; so is the other now.
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        reset(from);
        reset(to);
    }

    private static void reset(Socket socket) {
        try {
            socket.setSoLinger(true, 0);
        } catch (IOException _) {
            // Closed before.
        }
        try {
            socket.close();
        } catch (IOException _) {
            // Closed before.
        }
    }
}
