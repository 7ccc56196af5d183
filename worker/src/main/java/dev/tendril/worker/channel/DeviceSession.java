package dev.tendril.worker.channel;

import dev.tendril.contract.channel.Channel;
import dev.tendril.contract.channel.ChannelFrame;
import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.Purpose;
import dev.tendril.contract.channel.Responder;
import dev.tendril.contract.channel.Side;
import dev.tendril.contract.channel.StreamEnd;
import dev.tendril.worker.link.Devices;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One connection of a device, or of somebody who says so: handshake, then a channel. One virtual
/// thread reads; any thread may send.
final class DeviceSession implements Devices.Device {

    private static final Logger LOG = LoggerFactory.getLogger(DeviceSession.class);
    private static final int MOST_INBOX_BYTES = 2 << 20;
    private static final int FIRST_PACKET_SECONDS = 5;
    private static final int TICK_MS = 500;
    private static final byte[] WAKE = new byte[0];

    private final ChannelDesk desk;
    private final Devices.Line line;
    private final LinkedBlockingQueue<byte[]> inbox = new LinkedBlockingQueue<>();
    private final AtomicInteger inboxBytes = new AtomicInteger();
    private final Map<ChannelStream, StreamHandler> streams = new ConcurrentHashMap<>();
    private volatile @Nullable EnrolledDevice device;
    private volatile @Nullable ChannelLine open;
    private volatile boolean gone;
    private PairingDesk.@Nullable Attempt pairing;
    private boolean known;

    DeviceSession(ChannelDesk desk, Devices.Line line) {
        this.desk = desk;
        this.line = line;
    }

    void start() {
        Thread.ofVirtual().name("device").start(this::run);
    }

    @Override
    public void packet(byte[] packet) {
        if (inboxBytes.addAndGet(packet.length) > MOST_INBOX_BYTES) {
            // Credit keeps an honest device far below this.
            line.close();
            return;
        }
        inbox.add(packet);
    }

    @Override
    public void gone() {
        gone = true;
        inbox.add(WAKE);
    }

    /// What the owner changed holds at once.
    ///
    /// @param now the device as it is now; null when it was revoked
    void changed(@Nullable EnrolledDevice now) throws InterruptedException {
        if (now == null) {
            close(CloseReason.REVOKED);
            return;
        }
        device = now;
        for (Map.Entry<ChannelStream, StreamHandler> entry : streams.entrySet()) {
            if (!now.scopes().contains(entry.getValue().needed())) {
                streams.remove(entry.getKey());
                entry.getKey().close(StreamEnd.FORBIDDEN);
            }
        }
    }

    @Nullable EnrolledDevice device() {
        return device;
    }

    /// Ends the channel in order.
    void close(CloseReason reason) throws InterruptedException {
        ChannelLine channel = open;
        if (channel != null) {
            channel.close(reason);
        }
        gone();
    }

    private void run() {
        try {
            Channel channel = handshake();
            if (channel == null) {
                return;
            }
            ChannelLine live = new ChannelLine(channel, Side.WORKER, line::send);
            open = live;
            desk.opened(this);
            converse(live);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            LOG.warn("devices.json cannot be used, so no device gets in", e);
        } catch (RuntimeException e) {
            LOG.warn("a device's session broke", e);
        } finally {
            over();
        }
    }

    private void converse(ChannelLine live) throws InterruptedException, IOException {
        long ticked = System.nanoTime();
        while (!gone && live.closed() == null) {
            byte[] packet = inbox.poll(TICK_MS, TimeUnit.MILLISECONDS);
            if (packet != null && packet.length > 0) {
                inboxBytes.addAndGet(-packet.length);
                receive(live, packet);
            }
            if (System.nanoTime() - ticked > TimeUnit.MILLISECONDS.toNanos(TICK_MS)) {
                ticked = System.nanoTime();
                live.tick();
            }
        }
    }

    private void over() {
        desk.ended(this);
        gone = true;
        ChannelLine live = open;
        if (live != null) {
            live.over();
            CloseReason reason = live.closed();
            if (reason != null && reason != CloseReason.DONE) {
                LOG.info("A device's channel ended: {}", reason.wireName());
            }
        }
        PairingDesk.Attempt attempt = pairing;
        if (attempt != null) {
            attempt.over();
        }
        line.close();
    }

    /// @return null for whoever is not let in, and hears nothing of why
    private @Nullable Channel handshake() throws InterruptedException, IOException {
        byte[] packet = inbox.poll(FIRST_PACKET_SECONDS, TimeUnit.SECONDS);
        if (packet == null || packet.length == 0 || !desk.admit()) {
            return null;
        }
        inboxBytes.addAndGet(-packet.length);
        if (!(desk.responder().read(packet) instanceof Responder.Reading.Offer offer)) {
            return null;
        }
        byte[] psk;
        if (offer.purpose() == Purpose.PAIR) {
            PairingDesk.Attempt attempt = desk.pairing().admit(offer.device(), offer.deviceKey());
            pairing = attempt;
            psk = attempt == null ? null : attempt.psk();
        } else {
            EnrolledDevice found = desk.find(offer.device(), offer.deviceKey());
            device = found;
            psk = found == null ? null : found.psk();
        }
        if (psk == null) {
            offer.close();
            return null;
        }
        Responder.Accepted accepted = offer.accept(psk);
        line.send(accepted.packet());
        return accepted.channel();
    }

    private void receive(ChannelLine live, byte[] packet) throws InterruptedException, IOException {
        ChannelFrame frame = live.receive(packet);
        EnrolledDevice current = device;
        if (live.channel().confirmed() && !known && current != null) {
            known = true;
            // It may have been revoked since the handshake, before this session was seen.
            if (!desk.confirmed(current)) {
                close(CloseReason.REVOKED);
                return;
            }
        }
        switch (frame) {
            case ChannelFrame.OpenStream f -> open(live, f);
            case ChannelFrame.PairRequest f -> ask(live, f.label());
            case ChannelFrame.PairDone _ -> {
                PairingDesk.Attempt attempt = pairing;
                if (attempt != null) {
                    attempt.done();
                }
                close(CloseReason.DONE);
            }
            case null, default -> {}
        }
    }

    private void open(ChannelLine live, ChannelFrame.OpenStream frame) throws InterruptedException {
        ChannelStream stream = live.accept(frame);
        StreamHandler handler = desk.handler(frame.kind());
        EnrolledDevice current = device;
        if (handler == null || current == null) {
            stream.close(StreamEnd.NOT_FOUND);
        } else if (!current.scopes().contains(handler.needed())) {
            stream.close(StreamEnd.FORBIDDEN);
        } else {
            streams.keySet().removeIf(ChannelStream::isOver);
            streams.put(stream, handler);
            stream.reader(handler.open(stream, current, frame.opening()));
        }
    }

    /// The link is used up now, whatever the owner says.
    private void ask(ChannelLine live, String label) {
        PairingDesk.Attempt attempt = pairing;
        if (attempt == null) {
            return;
        }
        Thread.ofVirtual()
                .name("pairing")
                .start(() -> {
                    try {
                        String digits = live.channel().digits();
                        ChannelFrame.PairGrant grant = attempt.ask(label, digits);
                        if (grant == null) {
                            close(CloseReason.REFUSED);
                        } else {
                            live.send(grant);
                        }
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
    }
}
