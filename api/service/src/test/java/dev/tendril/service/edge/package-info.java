@NullMarked
package dev.tendril.service.edge;

import org.jspecify.annotations.NullMarked;
