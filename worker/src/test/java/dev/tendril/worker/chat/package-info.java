@NullMarked
package dev.tendril.worker.chat;

import org.jspecify.annotations.NullMarked;
