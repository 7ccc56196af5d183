/// Processes from outside: start, log, signals, cut connections, memory, waiting with a deadline.
///
/// Knows nothing of Tendril. Every wait says what it waited for; every process that is started here
/// ends with the JVM that started it.
@NullMarked
package dev.tendril.infra.stage;

import org.jspecify.annotations.NullMarked;
