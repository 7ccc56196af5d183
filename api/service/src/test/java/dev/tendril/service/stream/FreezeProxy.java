package dev.tendril.service.stream;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// A TCP proxy that can drop everything of the connections that are open, without closing them:
/// what a firewall does that forgot them. Later connections pass.
final class FreezeProxy implements AutoCloseable {

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Lane> lanes = ConcurrentHashMap.newKeySet();
    private final int target;

    /// @param target port on the loopback interface
    FreezeProxy(int target) throws IOException {
        this.target = target;
        Thread.ofVirtual().name("freeze-proxy").start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /// From now on nothing passes on the connections that are open.
    void freeze() {
        lanes.forEach(lane -> lane.frozen = true);
    }

    private void accept() {
        try {
            while (true) {
                Lane lane =
                        new Lane(
                                listener.accept(),
                                new Socket(InetAddress.getLoopbackAddress(), target));
                lanes.add(lane);
                Thread.ofVirtual().start(() -> lane.pump(lane.near, lane.far));
                Thread.ofVirtual().start(() -> lane.pump(lane.far, lane.near));
            }
        } catch (IOException _) {
            // Closed.
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Lane lane : lanes) {
            lane.close();
        }
    }

    private static final class Lane {
        private final Socket near;
        private final Socket far;
        private volatile boolean frozen;

        Lane(Socket near, Socket far) {
            this.near = near;
            this.far = far;
        }

        void pump(Socket from, Socket to) {
            byte[] buffer = new byte[8192];
            try {
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream();
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    if (!frozen) {
                        out.write(buffer, 0, n);
                        out.flush();
                    }
                }
            } catch (IOException _) {
                // One side hung up.
            }
            if (!frozen) {
                close();
            }
        }

        void close() {
            try {
                near.close();
                far.close();
            } catch (IOException _) {
                // Both are gone either way.
            }
        }
    }
}
