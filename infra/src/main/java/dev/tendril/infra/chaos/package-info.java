/// `./tendril chaos`: a whole Tendril under random faults, and then the question whether anything
/// was lost, told twice or told differently.
///
/// Three witnesses are compared: the database ([dev.tendril.infra.ledger.LedgerStore]), what
/// visitors saw on their streams ([SeenChat]), and what workers were told over the wire
/// ([WorkerRecord], filled by [WorkerTap] in the proxies before the relays). [Verdict] knows which
/// invariant each disagreement breaks.
///
/// A run is drawn from its seed: the plan of faults, the clocks, what visitors do. Processes run in
/// real time, so that the same seed gives the same plan, not the same interleaving; the log has one
/// JSON line per operation for the rest.
@NullMarked
package dev.tendril.infra.chaos;

import org.jspecify.annotations.NullMarked;
