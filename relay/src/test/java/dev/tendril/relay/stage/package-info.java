/// A running relay with visitors and workers, for tests over real HTTP.
@NullMarked
package dev.tendril.relay.stage;

import org.jspecify.annotations.NullMarked;
