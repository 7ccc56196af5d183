/// Measures Tendril against what it stands in front of, side by side in one run.
///
/// A figure without its neighbour means nothing on a shared machine: each measurement through relay
/// and worker is taken beside the same one directly at the model, alternating, by the same clock.
@NullMarked
package dev.tendril.infra.bench;

import org.jspecify.annotations.NullMarked;
