/// `tendril up`: database, relay and worker on one machine, under a supervisor that restarts what
/// dies.
///
/// The supervisor is a light process without an application context, so that it is there at once
/// and costs little. It owns the order (database, relay, worker; back to front at the end), one
/// lock per data directory, and the box. It knows relay and worker only by their command lines and
/// by HTTP.
///
/// Everything may be killed: a child is started again after a pause of 0.2 s to 10 s; the children
/// of a killed supervisor end by themselves (`--parent-pid`), and the next `up` ends whatever is
/// left.
@NullMarked
package dev.tendril.relay.up;

import org.jspecify.annotations.NullMarked;
