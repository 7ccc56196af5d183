@NullMarked
package dev.tendril.relay.run;

import org.jspecify.annotations.NullMarked;
