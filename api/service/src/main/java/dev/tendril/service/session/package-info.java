/// From access code to visitor session: codes, their hashes, refresh secrets and their families.
///
/// Every failure to open a session looks the same and costs the same: one query, one Argon2id hash,
/// one answer. Of secrets the database has hashes only.
@NullMarked
package dev.tendril.service.session;

import org.jspecify.annotations.NullMarked;
