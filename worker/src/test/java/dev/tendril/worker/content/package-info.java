@NullMarked
package dev.tendril.worker.content;

import org.jspecify.annotations.NullMarked;
