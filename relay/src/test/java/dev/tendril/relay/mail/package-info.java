@NullMarked
package dev.tendril.relay.mail;

import org.jspecify.annotations.NullMarked;
