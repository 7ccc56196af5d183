package dev.tendril.contract.channel;

import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// One authenticated session between a device and a worker.
///
/// Bytes in, bytes out: the caller moves packets, calls [#tick] about once a second, and grants
/// credit as it consumes. Nothing is buffered here. Packets must go out in the order in which they
/// were returned, and come in through one caller at a time: not thread-safe.
///
/// ```
/// worker: UNCONFIRMED ── first record opens ──▶ OPEN        device: OPEN from the start
///              └── 10 s ──▶ closed                OPEN ── close, violation, silence, age ──▶ closed
/// ```
///
/// The worker says nothing before the device's first record opened, since a handshake message may
/// be a replay. A closed channel stays closed, and its keys are gone.
public final class Channel implements AutoCloseable {

    private final Side side;
    private final Purpose purpose;
    private final byte[] peerKey;
    private final String digits;
    private final Limits limits;
    private final SessionClock clock;
    private final RecordSealer sealer;
    private final RecordOpener opener;
    private final Transcript sent;
    private final Transcript received;
    private final Streams streams;
    private final Deque<Unanswered> pings = new ArrayDeque<>();
    private boolean confirmed;
    private long lastPing;
    private long lastPingAt;
    private long roundTripMillis = -1;
    private Pairing pairing = Pairing.REQUEST;
    private @Nullable CloseReason closed;
    private boolean closedByPeer;

    private record Unanswered(long id, long at, byte[] chain) {}

    private enum Pairing {
        REQUEST,
        GRANT,
        DONE,
        OVER
    }

    Channel(
            Side side,
            Purpose purpose,
            byte[] peerKey,
            byte[] handshakeHash,
            CipherState sending,
            CipherState receiving,
            Limits limits,
            InstantSource source) {
        this.side = side;
        this.purpose = purpose;
        this.peerKey = peerKey;
        this.digits = Fingerprint.ofSession(handshakeHash);
        this.limits = limits;
        this.clock = new SessionClock(source);
        byte[] session =
                Arrays.copyOf(Hashes.labelled("tendril channel session", handshakeHash), 8);
        this.sent = new Transcript(handshakeHash, side);
        this.received = new Transcript(handshakeHash, side.other());
        this.sealer = new RecordSealer(sending, session, side, limits, sent);
        this.opener = new RecordOpener(receiving, session, side.other(), limits, received);
        this.streams = new Streams(side);
        this.confirmed = side == Side.DEVICE;
        this.lastPingAt = -limits.ping().toMillis();
    }

    /// What this session is for.
    public Purpose purpose() {
        return purpose;
    }

    /// The peer's static public key, 32 bytes.
    public byte[] peerKey() {
        return peerKey.clone();
    }

    /// Eight digits that both sides show at pairing, `1234 5678`. See [Fingerprint].
    public String digits() {
        return digits;
    }

    /// Whether the peer has proven that it holds the PSK.
    public boolean confirmed() {
        return confirmed;
    }

    /// Why the channel is over, or null while it lives.
    public @Nullable CloseReason closed() {
        return closed;
    }

    /// Time between the last answered ping and its answer, or -1 before the first.
    public long roundTripMillis() {
        return roundTripMillis;
    }

    /// Bytes that may be sent on a stream now.
    public long sendable(int stream) {
        return streams.sendable(stream);
    }

    /// Bytes received on an open stream so far; the base of the next `Credit`.
    public long received(int stream) {
        return streams.received(stream);
    }

    /// Streams that are open or being closed.
    public int streams() {
        return streams.count();
    }

    /// The identifier that this side's next `OpenStream` must have.
    public int nextStream() {
        return streams.nextId();
    }

    /// Seals one frame: a stream's frame in a session, the own pairing frame at pairing.
    ///
    /// @return one packet, or two when the key was due
    /// @throws IllegalStateException when the channel is closed or unconfirmed, the stream is not
    ///   open, its credit is spent, or the frame does not fit the purpose
    /// @throws IllegalArgumentException for a frame that no peer would accept
    public List<byte[]> send(ChannelFrame frame) {
        if (closed != null || !confirmed) {
            throw new IllegalStateException(closed == null ? "unconfirmed" : closed.wireName());
        }
        byte[] encoded = FrameCodec.encode(frame);
        switch (frame) {
            case ChannelFrame.OpenStream f -> {
                permit(purpose == Purpose.SESSION);
                streams.opening(f);
            }
            case ChannelFrame.CloseStream f -> streams.closing(f.stream());
            case ChannelFrame.Data f -> streams.sending(f);
            case ChannelFrame.Credit f -> streams.granting(f);
            case ChannelFrame.PairRequest _ -> pairing(Side.DEVICE, Pairing.REQUEST, Pairing.GRANT);
            case ChannelFrame.PairGrant _ -> pairing(Side.WORKER, Pairing.GRANT, Pairing.DONE);
            case ChannelFrame.PairDone _ -> pairing(Side.DEVICE, Pairing.DONE, Pairing.OVER);
            case ChannelFrame.Ping _,
                    ChannelFrame.Pong _,
                    ChannelFrame.Rekey _,
                    ChannelFrame.Close _ ->
                    throw new IllegalArgumentException("the channel sends this itself");
        }
        List<byte[]> packets = new ArrayList<>(2);
        seal(encoded, clock.millis(), packets);
        return packets;
    }

    /// Takes the next packet of the transport, whoever wrote it.
    public Received receive(byte[] packet) {
        if (closed != null) {
            return new Received.Closed(closed, closedByPeer, List.of());
        }
        long now = clock.millis();
        try {
            ChannelFrame frame = FrameCodec.decode(opener.open(packet, now));
            confirmed = true;
            return accept(frame, now);
        } catch (Violation violation) {
            return new Received.Closed(violation.reason(), false, end(violation.reason()));
        }
    }

    /// Does what time asks for: pings, rekeys, ends a silent or old channel. The device calls it at
    /// once after the handshake, which confirms it.
    ///
    /// @return packets to send; [#closed] tells whether the channel ended
    public List<byte[]> tick() {
        if (closed != null) {
            return List.of();
        }
        long now = clock.millis();
        if (!confirmed) {
            return now > limits.handshake().toMillis()
                    ? end(CloseReason.HANDSHAKE_TIMEOUT)
                    : List.of();
        }
        if (now > limits.age().toMillis()) {
            return end(CloseReason.TOO_OLD);
        }
        Unanswered oldest = pings.peekFirst();
        if (oldest != null && now - oldest.at() > limits.silence().toMillis()) {
            return end(CloseReason.SILENCE);
        }
        List<byte[]> packets = new ArrayList<>(2);
        if (now - lastPingAt >= limits.ping().toMillis()) {
            lastPing++;
            lastPingAt = now;
            seal(FrameCodec.encode(new ChannelFrame.Ping(lastPing)), now, packets);
            pings.addLast(new Unanswered(lastPing, now, sent.value()));
        } else if (sealer.rekeyDue(now)) {
            rekey(now, packets);
        }
        return packets;
    }

    /// Ends the channel in order.
    ///
    /// @param reason `done`, `refused`, `revoked` or `shutting_down`
    /// @return the last packet to send, or none
    public List<byte[]> close(CloseReason reason) {
        if (reason.code() > CloseReason.SHUTTING_DOWN.code()) {
            throw new IllegalArgumentException("not an orderly end: " + reason);
        }
        return closed != null ? List.of() : end(reason);
    }

    /// The transport ended. Unless a `Close` came first, that is `cut`: the last records may be
    /// missing.
    public void cut() {
        if (closed == null) {
            finish(CloseReason.CUT, false);
        }
    }

    /// Zeroes the keys; says nothing to the peer.
    @Override
    public void close() {
        cut();
    }

    private Received accept(ChannelFrame frame, long now) throws Violation {
        List<byte[]> replies = new ArrayList<>(2);
        boolean deliver = true;
        if (!(frame instanceof ChannelFrame.Rekey || frame instanceof ChannelFrame.Close)) {
            require(!opener.rekeyOverdue(now), CloseReason.REKEY_OVERDUE);
        }
        switch (frame) {
            case ChannelFrame.OpenStream f -> {
                require(purpose == Purpose.SESSION, CloseReason.UNEXPECTED_FRAME);
                streams.opened(f);
            }
            case ChannelFrame.CloseStream f -> {
                deliver = streams.closed(f.stream());
                if (deliver) {
                    seal(FrameCodec.encode(f), now, replies);
                }
            }
            case ChannelFrame.Data f -> deliver = streams.received(f);
            case ChannelFrame.Credit f -> streams.granted(f);
            case ChannelFrame.Ping f -> {
                seal(
                        FrameCodec.encode(new ChannelFrame.Pong(f.id(), received.value())),
                        now,
                        replies);
                deliver = false;
            }
            case ChannelFrame.Pong f -> {
                answered(f, now);
                deliver = false;
            }
            case ChannelFrame.Rekey f -> {
                opener.rekey(f.epoch(), now);
                deliver = false;
            }
            case ChannelFrame.PairRequest _ -> paired(Side.DEVICE, Pairing.REQUEST, Pairing.GRANT);
            case ChannelFrame.PairGrant _ -> paired(Side.WORKER, Pairing.GRANT, Pairing.DONE);
            case ChannelFrame.PairDone _ -> paired(Side.DEVICE, Pairing.DONE, Pairing.OVER);
            case ChannelFrame.Close f -> {
                finish(f.reason(), true);
                return new Received.Closed(f.reason(), true, List.of());
            }
        }
        return deliver ? new Received.Delivered(frame, replies) : new Received.Nothing(replies);
    }

    private void answered(ChannelFrame.Pong pong, long now) throws Violation {
        Unanswered ping = pings.pollFirst();
        if (ping == null || ping.id() != pong.id()) {
            throw new Violation(CloseReason.UNEXPECTED_FRAME);
        }
        require(MessageDigest.isEqual(ping.chain(), pong.chain()), CloseReason.TRANSCRIPT_MISMATCH);
        roundTripMillis = now - ping.at();
    }

    private void seal(byte[] encoded, long now, List<byte[]> packets) {
        if (sealer.rekeyDue(now)) {
            rekey(now, packets);
        }
        packets.add(sealer.seal(encoded, now));
    }

    private void rekey(long now, List<byte[]> packets) {
        packets.add(
                sealer.seal(FrameCodec.encode(new ChannelFrame.Rekey(sealer.nextEpoch())), now));
        sealer.rekey(now);
    }

    /// Says goodbye, if the peer is known to be one, and closes.
    private List<byte[]> end(CloseReason reason) {
        List<byte[]> packets =
                confirmed
                        ? List.of(
                                sealer.seal(
                                        FrameCodec.encode(new ChannelFrame.Close(reason)),
                                        clock.millis()))
                        : List.of();
        finish(reason, false);
        return packets;
    }

    private void finish(CloseReason reason, boolean byPeer) {
        closed = reason;
        closedByPeer = byPeer;
        pings.clear();
        sealer.close();
        opener.close();
    }

    private void pairing(Side speaker, Pairing expected, Pairing next) {
        permit(purpose == Purpose.PAIR && side == speaker && pairing == expected);
        pairing = next;
    }

    private void paired(Side speaker, Pairing expected, Pairing next) throws Violation {
        require(
                purpose == Purpose.PAIR && side != speaker && pairing == expected,
                CloseReason.UNEXPECTED_FRAME);
        pairing = next;
    }

    private static void permit(boolean allowed) {
        if (!allowed) {
            throw new IllegalStateException("not now");
        }
    }

    private static void require(boolean holds, CloseReason otherwise) throws Violation {
        if (!holds) {
            throw new Violation(otherwise);
        }
    }
}
