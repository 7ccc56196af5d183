@NullMarked
package dev.tendril.worker.cli;

import org.jspecify.annotations.NullMarked;
