/// What is forgotten, and when.
///
/// **Compaction.** Some time after a turn has ended, the frames that told it go; its message stays
/// in the history. Events are dropped from the beginning of a stream only, under the stream's lock,
/// and `stream.retained_from` rises in the same transaction: so a cursor is either followed exactly
/// or answered with `410`.
///
/// **Retention.** Chats that have been silent for as long as their workspace wants are deleted
/// whole; so are sessions that are over and have no chat, and old audit entries.
///
/// Every replica does this, without a leader: at most 200 rows in one short transaction, rows that
/// somebody holds are skipped, and between two transactions there is a pause.
@NullMarked
package dev.tendril.service.retention;

import org.jspecify.annotations.NullMarked;
