/// What each role may do on this machine: `policy.yml`, read once at start and never written.
///
/// Nothing that arrives from the relay, a model, a page or a tool changes a [Policy]; there is no
/// method that would. A tool names what a call would touch as [Target]s, and [Policy#decide]
/// answers with one [Decision], whose rule id stands in the trace, in the log and in `tendril
/// worker policy explain`. Tools check again where they act (an address after it was resolved, a
/// file as it is opened), because a name can change its meaning in between.
@NullMarked
package dev.tendril.worker.policy;

import org.jspecify.annotations.NullMarked;
