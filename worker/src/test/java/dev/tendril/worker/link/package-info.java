@NullMarked
package dev.tendril.worker.link;

import org.jspecify.annotations.NullMarked;
