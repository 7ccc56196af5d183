@NullMarked
package dev.tendril.relay.link;

import org.jspecify.annotations.NullMarked;
