/// Load from within: a process of its own that has the relay's program in its class path and calls
/// the queue as a relay does, without HTTP. The only place here that calls what is measured.
@NullMarked
package dev.tendril.infra.load;

import org.jspecify.annotations.NullMarked;
