@NullMarked
package dev.tendril.worker.terminal.host;

import org.jspecify.annotations.NullMarked;
