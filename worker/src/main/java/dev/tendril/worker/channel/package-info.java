/// The operator's devices: enrolled once with a one-time link, each with its own key, PSK and
/// scopes; reached through the link, believed by nothing but the channel's handshake.
///
/// Independent of what streams carry: a [StreamHandler] per kind is given by whoever wires the
/// worker. `docs/channel.md` is the protocol.
///
/// Invariants: devices and keys are local files that nothing from the relay writes but a pairing
/// that the owner agreed to on this machine; scopes are looked up here at each stream, never taken
/// from a packet; a device that was revoked loses its channel at once.
@NullMarked
package dev.tendril.worker.channel;

import org.jspecify.annotations.NullMarked;
