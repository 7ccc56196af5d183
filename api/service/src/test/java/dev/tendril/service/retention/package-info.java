@NullMarked
package dev.tendril.service.retention;

import org.jspecify.annotations.NullMarked;
