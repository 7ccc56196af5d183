/// Claimed runs and their leases, independent of what a run does.
///
/// - [ClaimLoop] asks for as many runs as there are free slots and gives each its own virtual
///   thread.
/// - [LeaseKeeper] renews a lease and learns of its loss; [Lease] is what both sides look at. The
///   worker stops acting 5 s (of a short lease, a quarter) before the lease could end, by its own
///   monotonic clock, counted from the *start* of the last successful renewal: however slow the
///   network was, the relay's clock started later.
/// - [FrameWriter] sends a run's frames in numbered batches, each again with the same number until
///   it is answered, so that an unknown outcome costs nothing.
///
/// A lost lease interrupts the run's thread. Everything that blocks in a run must end on interrupt.
@NullMarked
package dev.tendril.worker.run;

import org.jspecify.annotations.NullMarked;
