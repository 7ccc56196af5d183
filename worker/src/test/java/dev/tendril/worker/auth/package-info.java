@NullMarked
package dev.tendril.worker.auth;

import org.jspecify.annotations.NullMarked;
