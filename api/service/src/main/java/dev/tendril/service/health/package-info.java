/// Whether this process may get traffic, and how it says goodbye.
@NullMarked
package dev.tendril.service.health;

import org.jspecify.annotations.NullMarked;
