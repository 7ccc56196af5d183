/// Properties of random command sequences: a seed, many cases, and the shortest failing one.
@NullMarked
package dev.tendril.service.property;

import org.jspecify.annotations.NullMarked;
