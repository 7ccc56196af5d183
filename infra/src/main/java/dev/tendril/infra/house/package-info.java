/// A whole Tendril of real processes, as a drill or a bench needs it.
@NullMarked
package dev.tendril.infra.house;

import org.jspecify.annotations.NullMarked;
