@NullMarked
package dev.tendril.infra.stage;

import org.jspecify.annotations.NullMarked;
