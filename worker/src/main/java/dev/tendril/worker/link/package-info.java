/// The worker's outbound connection: HTTP calls to the relay, and nothing that listens.
///
/// A call ends in one of four ways, each its own type: an answer; [RelayAway] (outcome unknown or
/// relay busy: the same call again, later); [LeaseLost] (drop the run); [CallRefused] (a mistake:
/// trying again does not help). The session's JWT is renewed in time and once more on `401`,
/// without the callers noticing.
@NullMarked
package dev.tendril.worker.link;

import org.jspecify.annotations.NullMarked;
