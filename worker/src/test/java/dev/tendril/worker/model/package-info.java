@NullMarked
package dev.tendril.worker.model;

import org.jspecify.annotations.NullMarked;
