/// The main job, proved over the built jars as separate processes.
///
/// All drills share one [Scene], one after the other, so that each begins where another has left
/// its wreckage; after each one the whole database is searched for violations.
@NullMarked
package dev.tendril.infra.drill;

import org.jspecify.annotations.NullMarked;
