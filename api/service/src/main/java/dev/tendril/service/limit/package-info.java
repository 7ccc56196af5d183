/// Counters of who did something how often. Kept per process: what must hold across replicas is
/// counted in the database by the feature itself.
@NullMarked
package dev.tendril.service.limit;

import org.jspecify.annotations.NullMarked;
