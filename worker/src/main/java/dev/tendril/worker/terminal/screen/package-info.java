/// A terminal's screen without a display: what a program wrote, as cells, modes and scrollback.
///
/// Independent of PTYs, links and viewers: bytes in; answers to the program's questions, and exact
/// snapshots as an escape sequence for xterm.js, out. It behaves like xterm.js 6 cell by cell,
/// since that is what shows the snapshot; the tests compare it with `@xterm/headless` over recorded
/// and random input. Not thread-safe: one owner per session.
///
/// Bounded: scrollback lines, cells, parameters, strings and answers all have a cap.
@NullMarked
package dev.tendril.worker.terminal.screen;

import org.jspecify.annotations.NullMarked;
