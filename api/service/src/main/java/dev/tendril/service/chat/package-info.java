/// Chats and their messages: what a visitor does. The queue does the rest.
///
/// A message and its run are stored in one transaction under the lock of the chat's stream, with
/// the client's message id as idempotency key.
@NullMarked
package dev.tendril.service.chat;

import org.jspecify.annotations.NullMarked;
