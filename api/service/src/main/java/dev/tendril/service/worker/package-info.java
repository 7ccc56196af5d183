/// A worker's way in, and what others may know of its presence.
///
/// Token and key together make a worker: the long-lived token names it, and a signature by the key
/// that its first session pinned proves that no copy of the token is calling. A copy without the
/// key is refused and displaces nobody.
@NullMarked
package dev.tendril.service.worker;

import org.jspecify.annotations.NullMarked;
