@NullMarked
package dev.tendril.infra.visitor;

import org.jspecify.annotations.NullMarked;
