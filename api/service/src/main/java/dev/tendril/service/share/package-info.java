/// Share links: anybody who has one may read a chat as it was when the link was made.
///
/// A link is frozen at a seq of the chat's stream: under the lock of the stream it keeps the ids of
/// the messages that stand in the history then, and shows these for as long as it lives, whatever
/// is said, worded anew or answered again later. Messages never change, so the text is in no second
/// place: a deleted or pruned chat takes its links along.
///
/// The token has 128 random bits and is kept as a hash. Every token that opens nothing gets the
/// same answer by the same query: unknown, expired, revoked, of a deleted chat, malformed.
@NullMarked
package dev.tendril.service.share;

import org.jspecify.annotations.NullMarked;
