@NullMarked
package dev.tendril.worker.terminal.session;

import org.jspecify.annotations.NullMarked;
