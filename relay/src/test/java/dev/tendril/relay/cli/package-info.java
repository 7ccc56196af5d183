@NullMarked
package dev.tendril.relay.cli;

import org.jspecify.annotations.NullMarked;
