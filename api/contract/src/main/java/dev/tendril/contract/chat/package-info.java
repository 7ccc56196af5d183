/// What a visitor's chat looks like on the wire: messages, their parts, the state of a turn.
@NullMarked
package dev.tendril.contract.chat;

import org.jspecify.annotations.NullMarked;
