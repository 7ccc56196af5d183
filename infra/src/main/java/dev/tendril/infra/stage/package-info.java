/// The actors of a drill or a bench: relay, worker, model and database as real processes, started
/// from the built jars, each with its log, and the faults that can befall them.
///
/// Nothing here knows what is to be proved. Every wait has a deadline and says what it waited for;
/// every process ends with the JVM that started it.
@NullMarked
package dev.tendril.infra.stage;

import org.jspecify.annotations.NullMarked;
