@NullMarked
package dev.tendril.worker.run;

import org.jspecify.annotations.NullMarked;
