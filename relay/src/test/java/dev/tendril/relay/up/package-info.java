@NullMarked
package dev.tendril.relay.up;

import org.jspecify.annotations.NullMarked;
