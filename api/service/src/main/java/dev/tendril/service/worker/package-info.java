/// A worker's way in (nonce, proof of its key, session) and what others may know of its presence.
@NullMarked
package dev.tendril.service.worker;

import org.jspecify.annotations.NullMarked;
