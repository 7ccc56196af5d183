/// Terminal sessions as workers report them.
@NullMarked
package dev.tendril.service.terminal;

import org.jspecify.annotations.NullMarked;
