/// The command line: options, their environment twins, and errors as one sentence with an exit
/// value. Knows nothing of what a worker does; the root package implements [WorkerStart].
@NullMarked
package dev.tendril.worker.cli;

import org.jspecify.annotations.NullMarked;
