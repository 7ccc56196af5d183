/// Whole workers against doubles of relay and model.
@NullMarked
package dev.tendril.worker;

import org.jspecify.annotations.NullMarked;
