/// Links under which anybody may read a chat as it was.
@NullMarked
package dev.tendril.contract.share;

import org.jspecify.annotations.NullMarked;
