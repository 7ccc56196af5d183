/// Doubles of what the worker talks to, over real HTTP and real sockets.
@NullMarked
package dev.tendril.worker.relay;

import org.jspecify.annotations.NullMarked;
