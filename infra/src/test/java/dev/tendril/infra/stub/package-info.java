@NullMarked
package dev.tendril.infra.stub;

import org.jspecify.annotations.NullMarked;
