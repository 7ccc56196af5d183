@NullMarked
package dev.tendril.infra;

import org.jspecify.annotations.NullMarked;
