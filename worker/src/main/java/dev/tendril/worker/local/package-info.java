/// The worker's own door for programs of the same user on the same machine: Unix-domain sockets of
/// mode 0600 in its data directory. The only place where the worker listens, and never on a
/// network.
@NullMarked
package dev.tendril.worker.local;

import org.jspecify.annotations.NullMarked;
