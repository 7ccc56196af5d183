/// The PTY host: a small process that owns the pseudo-terminals, so that forking stays cheap, a
/// crash in native code takes no worker along, and sessions outlive the worker. It speaks to one
/// worker at a time over a Unix-domain socket of mode 0600, in frames that later versions of the
/// worker must keep ([HostFrame]); it knows no network, no screen and no device.
///
/// All reading, writing and waiting is done by platform threads: pty4j's native calls pin the
/// carrier of a virtual one for as long as a terminal is silent.
///
/// Invariants: output has byte offsets from 0; the last 4 MiB and everything since the worker's
/// last keyframe are kept, more is a gap that is said; input has byte offsets too, and none is
/// written twice; only a worker that asks, or one that is slow, makes a program wait.
@NullMarked
package dev.tendril.worker.terminal.host;

import org.jspecify.annotations.NullMarked;
