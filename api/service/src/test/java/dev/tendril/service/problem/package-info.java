@NullMarked
package dev.tendril.service.problem;

import org.jspecify.annotations.NullMarked;
