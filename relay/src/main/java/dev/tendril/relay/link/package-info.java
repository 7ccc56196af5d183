/// Workers' links and the devices that come to them. The relay pairs connections and carries opaque
/// packets: it holds no key, reads no packet, and keeps at most 1 MiB for each device and 8 MiB for
/// each worker.
///
/// ```
/// device ── WebSocket, one packet a message ──▶ DeviceLine ─┐
/// device ── WebSocket ─────────────────────────▶ DeviceLine ─┴▶ WorkerLink ── one WebSocket ──▶ worker
/// ```
///
/// A worker's link is at one relay. A device that comes to another one is sent there by name.
@NullMarked
package dev.tendril.relay.link;

import org.jspecify.annotations.NullMarked;
