package dev.tendril.worker.attach;

import dev.tendril.contract.channel.Channel;
import dev.tendril.contract.channel.ChannelFrame;
import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.Initiator;
import dev.tendril.contract.channel.Side;
import dev.tendril.worker.channel.ChannelLine;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// One channel of a device to its worker.
public final class DeviceConnection implements AutoCloseable {

    private static final int HANDSHAKE_SECONDS = 10;
    private static final int TICK_MS = 500;
    private static final byte[] END = new byte[0];

    private final LinkedBlockingQueue<byte[]> inbox = new LinkedBlockingQueue<>();
    private final LinkedBlockingQueue<ChannelFrame> pairing = new LinkedBlockingQueue<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private final Dialer.Wire wire;
    private volatile String cut = "";
    private @Nullable ChannelLine line;

    private DeviceConnection(Dialer dialer) throws CannotConnect, InterruptedException {
        wire =
                dialer.dial(
                        inbox::add,
                        why -> {
                            cut = why;
                            inbox.add(END);
                        });
    }

    /// Dials and shakes hands.
    ///
    /// @throws CannotConnect when the relay or the worker is away, or the worker does not know this
    ///   device; it says nothing to strangers, so these look alike
    public static DeviceConnection open(Dialer dialer, Initiator initiator)
            throws CannotConnect, InterruptedException {
        DeviceConnection connection = new DeviceConnection(dialer);
        try {
            connection.shakeHands(initiator);
            return connection;
        } catch (CannotConnect | InterruptedException | RuntimeException e) {
            connection.wire.close();
            throw e;
        }
    }

    /// The channel.
    public ChannelLine line() {
        ChannelLine open = line;
        if (open == null) {
            throw new IllegalStateException("no channel");
        }
        return open;
    }

    /// The next frame of pairing, or null when the channel ended first or time is up.
    @Nullable ChannelFrame awaitPairing(long seconds) throws InterruptedException {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (System.nanoTime() - until < 0) {
            ChannelFrame frame = pairing.poll(100, TimeUnit.MILLISECONDS);
            if (frame != null || over.getCount() == 0) {
                return frame;
            }
        }
        return null;
    }

    /// Waits for the end.
    ///
    /// @return false if it did not come in time
    public boolean awaitEnd(long millis) throws InterruptedException {
        return over.await(millis, TimeUnit.MILLISECONDS);
    }

    /// Why it ended.
    public CloseReason reason() {
        CloseReason reason = line().closed();
        return reason == null ? CloseReason.CUT : reason;
    }

    @Override
    public void close() {
        try {
            line().close(CloseReason.DONE);
            wire.close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inbox.add(END);
    }

    private void shakeHands(Initiator initiator) throws CannotConnect, InterruptedException {
        try (initiator) {
            if (!(initiator.open() instanceof Initiator.Outcome.Opening(byte[] packet))) {
                throw new CannotConnect("The worker's key cannot be used; pair again.", true);
            }
            wire.send(packet);
            byte[] answer = inbox.poll(HANDSHAKE_SECONDS, TimeUnit.SECONDS);
            if (answer == null || answer.length == 0) {
                throw new CannotConnect(
                        cut.isEmpty()
                                ? "The worker did not answer: it does not know this device (was it"
                                        + " revoked, or is the link used up?)."
                                : cut,
                        false);
            }
            if (!(initiator.finish(answer)
                    instanceof Initiator.Outcome.Established(Channel channel))) {
                throw new CannotConnect(
                        "What answered is not this device's worker: the handshake failed.", false);
            }
            ChannelLine open = new ChannelLine(channel, Side.DEVICE, wire::send);
            line = open;
            open.tick();
            Thread.ofVirtual().name("device-channel").start(() -> pump(open));
        }
    }

    private void pump(ChannelLine open) {
        try {
            long ticked = System.nanoTime();
            while (open.closed() == null) {
                byte[] packet = inbox.poll(TICK_MS, TimeUnit.MILLISECONDS);
                if (packet == END) {
                    break;
                }
                if (packet != null) {
                    ChannelFrame frame = open.receive(packet);
                    if (frame != null) {
                        pairing.add(frame);
                    }
                }
                if (System.nanoTime() - ticked > TimeUnit.MILLISECONDS.toNanos(TICK_MS)) {
                    ticked = System.nanoTime();
                    open.tick();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.over();
            over.countDown();
            try {
                wire.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
