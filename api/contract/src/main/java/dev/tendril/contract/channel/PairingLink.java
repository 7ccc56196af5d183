package dev.tendril.contract.channel;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;

/// What the worker shows once, as a link's fragment or a QR code: whom to reach, with the worker's
/// key, and a secret of 128 bits that lives 10 minutes and for one use ([PairingWindow]). The
/// fragment of a URL never reaches a server.
///
/// @param address whom to reach, and the identifier that the new device will have
/// @param secret 16 random bytes
public record PairingLink(WorkerAddress address, byte[] secret) {

    private static final int SECRET_BYTES = 16;
    private static final String PREFIX = "pair=";

    /// @throws IllegalArgumentException unless the secret has 16 bytes
    public PairingLink {
        if (secret.length != SECRET_BYTES) {
            throw new IllegalArgumentException("a secret has 16 bytes");
        }
        secret = secret.clone();
    }

    /// A link with a fresh secret.
    public static PairingLink create(WorkerAddress address) {
        byte[] secret = new byte[SECRET_BYTES];
        new SecureRandom().nextBytes(secret);
        return new PairingLink(address, secret);
    }

    /// The fragment without `#`: `pair=` and base64url.
    public String fragment() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Packets.VERSION);
        out.writeBytes(address.workerKey());
        out.writeBytes(secret);
        out.writeBytes(Packets.prefixed(address.relay()));
        out.writeBytes(Packets.prefixed(address.workspace()));
        out.writeBytes(Packets.prefixed(address.worker()));
        out.writeBytes(Packets.prefixed(address.device()));
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(out.toByteArray());
    }

    /// The link of a fragment, with or without `#`; empty for anything that [#fragment] would not
    /// write.
    public static Optional<PairingLink> parse(String fragment) {
        String text = fragment.startsWith("#") ? fragment.substring(1) : fragment;
        if (!text.startsWith(PREFIX)) {
            return Optional.empty();
        }
        try {
            byte[] whole = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
            ByteBuffer in = ByteBuffer.wrap(whole);
            if (Packets.u8(in) != Packets.VERSION) {
                return Optional.empty();
            }
            byte[] key = Packets.bytes(in, StaticKey.BYTES);
            byte[] secret = Packets.bytes(in, SECRET_BYTES);
            WorkerAddress address =
                    new WorkerAddress(
                            Packets.text(in),
                            Packets.text(in),
                            Packets.text(in),
                            Packets.text(in),
                            key);
            PairingLink link = new PairingLink(address, secret);
            return link.fragment().equals(text) ? Optional.of(link) : Optional.empty();
        } catch (Violation | IllegalArgumentException broken) {
            return Optional.empty();
        }
    }

    /// The secret, a copy.
    @Override
    public byte[] secret() {
        return secret.clone();
    }

    /// The PSK of the pairing handshake: HKDF-SHA256 of the secret, bound to the worker's key.
    public byte[] psk() {
        byte[] salt = "tendril pairing v1".getBytes(StandardCharsets.US_ASCII);
        return Hashes.hkdf(salt, secret, address.workerKey(), 1)[0];
    }

    /// Never the secret.
    @Override
    public String toString() {
        return "PairingLink[" + address + ", ***]";
    }
}
