package dev.tendril.contract.channel;

import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One handshake of `Noise_IKpsk2_25519_AESGCM_SHA256` (Noise revision 34):
///
/// ```
/// <- s
/// ...
/// -> e, es, s, ss
/// <- e, ee, se, psk
/// ```
///
/// ```
/// initiator: START ── write1 ──▶ SENT ── read2 ──▶ DONE
/// responder: START ── read1 ──▶ READ ── write2 ──▶ DONE       any violation ──▶ FAILED
/// ```
///
/// A call in another state is a programming error. Payloads exist for the published vectors alone:
/// [Initiator] and [Responder] send none and refuse any.
final class Handshake implements AutoCloseable {

    static final String PROTOCOL = "Noise_IKpsk2_25519_AESGCM_SHA256";

    private static final int SEALED_KEY = X25519.BYTES + CipherState.TAG_BYTES;

    private enum State {
        START,
        SENT,
        READ,
        DONE,
        FAILED
    }

    private final boolean initiator;
    private final SymmetricState symmetric = new SymmetricState(PROTOCOL);
    private final StaticKey own;
    private final Supplier<byte[]> ephemerals;
    private byte[] peerStatic;
    private byte @Nullable [] peerEphemeral;
    private byte @Nullable [] ephemeral;
    private State state = State.START;

    private Handshake(
            boolean initiator,
            byte[] prologue,
            StaticKey own,
            byte[] peerStatic,
            Supplier<byte[]> ephemerals) {
        this.initiator = initiator;
        this.own = own;
        this.peerStatic = peerStatic;
        this.ephemerals = ephemerals;
        symmetric.mixHash(prologue);
        symmetric.mixHash(initiator ? peerStatic : own.publicKey());
    }

    static Handshake initiator(
            byte[] prologue, StaticKey own, byte[] peerStatic, Supplier<byte[]> ephemerals) {
        return new Handshake(true, prologue, own, peerStatic.clone(), ephemerals);
    }

    static Handshake responder(byte[] prologue, StaticKey own, Supplier<byte[]> ephemerals) {
        return new Handshake(false, prologue, own, new byte[0], ephemerals);
    }

    /// `-> e, es, s, ss`, with the payload sealed behind it.
    byte[] write1(byte[] payload) throws Violation {
        enter(true, State.START);
        byte[] e = freshEphemeral();
        byte[] ePublic = mixEphemeral(X25519.publicKey(e));
        symmetric.mixKey(X25519.agree(e, peerStatic));
        byte[] s = symmetric.encryptAndHash(own.publicKey());
        symmetric.mixKey(own.agree(peerStatic));
        byte[] message = concat(ePublic, s, symmetric.encryptAndHash(payload));
        state = State.SENT;
        return message;
    }

    /// Reads the first message and learns the initiator's static key.
    ///
    /// @return the payload
    byte[] read1(byte[] message) throws Violation {
        enter(false, State.START);
        require(message.length >= X25519.BYTES + SEALED_KEY + CipherState.TAG_BYTES);
        byte[] re = mixEphemeral(Arrays.copyOf(message, X25519.BYTES));
        peerEphemeral = re;
        symmetric.mixKey(own.agree(re));
        int end = X25519.BYTES + SEALED_KEY;
        peerStatic = symmetric.decryptAndHash(Arrays.copyOfRange(message, X25519.BYTES, end));
        symmetric.mixKey(own.agree(peerStatic));
        byte[] payload = symmetric.decryptAndHash(Arrays.copyOfRange(message, end, message.length));
        state = State.READ;
        return payload;
    }

    /// `<- e, ee, se, psk`, with the payload sealed behind it.
    byte[] write2(byte[] psk, byte[] payload) throws Violation {
        enter(false, State.READ);
        byte[] re = known(peerEphemeral);
        byte[] e = freshEphemeral();
        byte[] ePublic = mixEphemeral(X25519.publicKey(e));
        symmetric.mixKey(X25519.agree(e, re));
        symmetric.mixKey(X25519.agree(e, peerStatic));
        symmetric.mixKeyAndHash(psk);
        byte[] message = concat(ePublic, symmetric.encryptAndHash(payload));
        state = State.DONE;
        return message;
    }

    /// Reads the second message: from here both sides have the same keys.
    ///
    /// @return the payload
    byte[] read2(byte[] psk, byte[] message) throws Violation {
        enter(true, State.SENT);
        require(message.length >= X25519.BYTES + CipherState.TAG_BYTES);
        byte[] e = known(ephemeral);
        byte[] re = mixEphemeral(Arrays.copyOf(message, X25519.BYTES));
        symmetric.mixKey(X25519.agree(e, re));
        symmetric.mixKey(own.agree(re));
        symmetric.mixKeyAndHash(psk);
        byte[] payload =
                symmetric.decryptAndHash(Arrays.copyOfRange(message, X25519.BYTES, message.length));
        state = State.DONE;
        return payload;
    }

    /// The transport ciphers: own direction first, then the peer's.
    CipherState[] split() {
        if (state != State.DONE) {
            throw new IllegalStateException("handshake is " + state);
        }
        CipherState[] pair = symmetric.split();
        return initiator ? pair : new CipherState[] {pair[1], pair[0]};
    }

    /// The initiator's or responder's static public key; known to a responder after [#read1].
    byte[] peerStatic() {
        return peerStatic.clone();
    }

    /// Noise's channel binding: equal on both sides exactly when everything was.
    byte[] hash() {
        return symmetric.hash();
    }

    /// Zeroes what is secret. The static key stays its owner's.
    @Override
    public void close() {
        symmetric.close();
        if (ephemeral != null) {
            Arrays.fill(ephemeral, (byte) 0);
        }
    }

    /// Every step starts failed, and only its last line says otherwise.
    private void enter(boolean asInitiator, State expected) {
        if (initiator != asInitiator || state != expected) {
            throw new IllegalStateException("handshake is " + state);
        }
        state = State.FAILED;
    }

    private static void require(boolean whole) throws Violation {
        if (!whole) {
            throw new Violation(CloseReason.MALFORMED);
        }
    }

    private byte[] freshEphemeral() {
        byte[] e = ephemerals.get();
        ephemeral = e;
        return e;
    }

    /// In a PSK handshake an ephemeral key goes into hash and key (section 9.2).
    private byte[] mixEphemeral(byte[] ePublic) {
        symmetric.mixHash(ePublic);
        symmetric.mixKey(ePublic.clone());
        return ePublic;
    }

    private static byte[] known(byte @Nullable [] key) {
        if (key == null) {
            throw new IllegalStateException("no ephemeral key");
        }
        return key;
    }

    private static byte[] concat(byte[]... parts) {
        int length = 0;
        for (byte[] part : parts) {
            length += part.length;
        }
        byte[] whole = new byte[length];
        int at = 0;
        for (byte[] part : parts) {
            System.arraycopy(part, 0, whole, at, part.length);
            at += part.length;
        }
        return whole;
    }
}
