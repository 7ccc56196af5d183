@NullMarked
package dev.tendril.service.worker;

import org.jspecify.annotations.NullMarked;
