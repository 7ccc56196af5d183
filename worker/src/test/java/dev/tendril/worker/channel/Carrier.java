package dev.tendril.worker.channel;

import dev.tendril.worker.attach.Dialer;
import dev.tendril.worker.link.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// A relay in memory: it carries packets between devices and a worker's desk, sees every one of
/// them, and does to them what a hostile one would.
public class Carrier implements Dialer {

    /// What a relay does with one packet.
    public interface Deed {
        /// @param n counts the packets of this direction on this connection from 0
        /// @param on sends a packet on, any number of times
        void with(int n, byte[] packet, Consumer<byte[]> on);
    }

    private static final Deed HONEST = (_, packet, on) -> on.accept(packet);

    private final Devices desk;
    private volatile Deed toWorker = HONEST;
    private volatile Deed toDevice = HONEST;
    private final List<byte[]> seenToWorker = new CopyOnWriteArrayList<>();
    private final List<byte[]> seenToDevice = new CopyOnWriteArrayList<>();
    private final List<Connection> connections = new CopyOnWriteArrayList<>();

    /// @param desk the worker's side
    public Carrier(Devices desk) {
        this.desk = desk;
    }

    /// From now on.
    public Carrier toWorker(Deed deed) {
        toWorker = deed;
        return this;
    }

    /// From now on.
    public Carrier toDevice(Deed deed) {
        toDevice = deed;
        return this;
    }

    /// Honest again.
    public void honest() {
        toWorker = HONEST;
        toDevice = HONEST;
    }

    /// Every packet that a device sent, in order.
    public List<byte[]> seenToWorker() {
        return seenToWorker;
    }

    /// Every packet that the worker sent, in order.
    public List<byte[]> seenToDevice() {
        return seenToDevice;
    }

    /// The last connection.
    public Connection last() {
        return connections.getLast();
    }

    @Override
    public Wire dial(Consumer<byte[]> received, Consumer<String> gone) {
        Connection connection = new Connection(received, gone);
        connections.add(connection);
        return connection;
    }

    /// Opens a connection as nobody's device.
    public Connection stranger(List<byte[]> heard) {
        Connection connection = new Connection(heard::add, _ -> {});
        connections.add(connection);
        return connection;
    }

    /// One connection.
    public final class Connection implements Wire, Devices.Line {
        private final Consumer<byte[]> received;
        private final Consumer<String> gone;
        private final Devices.Device device;
        private int up;
        private int down;
        private volatile boolean over;

        private Connection(Consumer<byte[]> received, Consumer<String> gone) {
            this.received = received;
            this.gone = gone;
            this.device =
                    desk.opened(
                            new Devices.Line() {
                                @Override
                                public void send(byte[] packet) {
                                    Connection.this.toDevice(packet);
                                }

                                @Override
                                public void close() {
                                    cut();
                                }
                            });
        }

        /// What the device sends.
        @Override
        public synchronized void send(byte[] packet) {
            if (!over) {
                seenToWorker.add(packet);
                toWorker.with(up++, packet.clone(), device::packet);
            }
        }

        private synchronized void toDevice(byte[] packet) {
            seenToDevice.add(packet);
            toDevice.with(down++, packet.clone(), received);
        }

        /// A packet that the relay made.
        public void inject(byte[] packet) {
            device.packet(packet);
        }

        /// The same, to the device.
        public void injectToDevice(byte[] packet) {
            received.accept(packet);
        }

        /// Ends both ends.
        public void cut() {
            if (!over) {
                over = true;
                device.gone();
                gone.accept("");
            }
        }

        /// Whether it was ended.
        public boolean over() {
            return over;
        }

        @Override
        public void close() {
            cut();
        }
    }

    /// All packets of both directions.
    public List<byte[]> all() {
        List<byte[]> all = new ArrayList<>(seenToWorker);
        all.addAll(seenToDevice);
        return all;
    }

    /// Waits until something holds; fails after 10 s.
    public static void await(String what, BooleanSupplier holds) {
        long until = System.nanoTime() + 10_000_000_000L;
        while (!holds.getAsBoolean()) {
            if (System.nanoTime() - until > 0) {
                throw new AssertionError("not within 10 s: " + what);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }
}
