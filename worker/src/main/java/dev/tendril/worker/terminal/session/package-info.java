/// Terminal sessions: a program in the PTY host, a headless screen of it here, and whoever watches.
///
/// A viewer gets a snapshot at an offset of the output and what follows. The **driver** is the
/// viewer that owns the size and whose slowness may make the program wait; typing takes the role.
/// Every other viewer that lags gets a snapshot instead. Who may type is decided here, from what
/// the viewer asked for when it attached.
///
/// The worker answers the program's questions from its screen; viewers answer none.
@NullMarked
package dev.tendril.worker.terminal.session;

import org.jspecify.annotations.NullMarked;
