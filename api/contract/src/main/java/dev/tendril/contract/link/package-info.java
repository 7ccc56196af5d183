/// The worker's link: one WebSocket on which the relay hands over the connections of devices. What
/// they say to each other is opaque here; see `dev.tendril.contract.channel`.
@NullMarked
package dev.tendril.contract.link;

import org.jspecify.annotations.NullMarked;
