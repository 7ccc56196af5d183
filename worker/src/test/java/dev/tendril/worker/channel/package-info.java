@NullMarked
package dev.tendril.worker.channel;

import org.jspecify.annotations.NullMarked;
