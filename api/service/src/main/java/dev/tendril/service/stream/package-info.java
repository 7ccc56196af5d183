/// Ordered logs of frames, and the hints that wake their readers.
///
/// **Order.** A writer updates the stream's row and holds that lock to its commit, so frame `n + 1`
/// becomes visible only after frame `n`: a reader that asks for `seq > last` can miss nothing. The
/// number comes from that row and never from a sequence, whose early number may commit late.
///
/// **Durable before visible.** Readers read what is committed. [Signals] carry a hint that there is
/// something to read, never what it is; they may be lost, repeated or late. [StreamHub] therefore
/// also looks once per second.
///
/// **Cursor.** `<epoch>:<seq>`; the epoch names the history: another cluster, a promoted standby, a
/// restored point in time or restored tables have another one ([LogEpoch]).
@NullMarked
package dev.tendril.service.stream;

import org.jspecify.annotations.NullMarked;
