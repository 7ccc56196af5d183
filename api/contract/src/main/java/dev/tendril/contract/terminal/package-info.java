/// What a relay knows of terminal sessions: that they are, never what is in them.
@NullMarked
package dev.tendril.contract.terminal;

import org.jspecify.annotations.NullMarked;
