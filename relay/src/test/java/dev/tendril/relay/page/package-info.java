@NullMarked
package dev.tendril.relay.page;

import org.jspecify.annotations.NullMarked;
