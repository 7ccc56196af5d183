/// What the database must look like, whatever died: the invariants of the queue and the log, each
/// as a statement that finds violations.
///
/// Reads only. Belongs to no workspace, on purpose: a drill owns the whole database.
@NullMarked
package dev.tendril.infra.ledger;

import org.jspecify.annotations.NullMarked;
