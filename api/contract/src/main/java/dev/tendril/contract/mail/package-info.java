/// A chat by e-mail: to an address that its owner has confirmed.
@NullMarked
package dev.tendril.contract.mail;

import org.jspecify.annotations.NullMarked;
