@NullMarked
package dev.tendril.relay;

import org.jspecify.annotations.NullMarked;
