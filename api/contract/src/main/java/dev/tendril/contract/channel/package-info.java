/// The encrypted operator channel: what a device and a worker say to each other through a relay
/// that may read, drop, delay, reorder, replay and forge, but must never be believed.
///
/// Independent of transport, storage and threads: bytes in, bytes and frames out, time from an
/// injected clock. `docs/channel.md` is the same protocol in prose, `web/packages/channel` the same
/// in TypeScript, and `wire/channel-*.json` holds both to it.
///
/// From the bottom: [X25519], [CipherState] and [SymmetricState] are the Noise primitives;
/// [Handshake] runs `Noise_IKpsk2_25519_AESGCM_SHA256`; [Initiator] and [Responder] wrap it with
/// the prologue and its deadline; [RecordSealer] and [RecordOpener] seal one frame per record;
/// [Channel] adds streams, credit, pings and pairing.
///
/// Invariants: a record is accepted only if it is exactly the next one of this session and
/// direction; whatever else arrives ends the channel with a [CloseReason]; no plaintext of a
/// refused record leaves this package; nothing is buffered, so memory is bounded by the credit that
/// the caller grants.
@NullMarked
package dev.tendril.contract.channel;

import org.jspecify.annotations.NullMarked;
