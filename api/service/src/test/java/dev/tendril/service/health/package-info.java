@NullMarked
package dev.tendril.service.health;

import org.jspecify.annotations.NullMarked;
