@NullMarked
package dev.tendril.relay.share;

import org.jspecify.annotations.NullMarked;
