/// A real PostgreSQL for people who have none: bundled binaries under a launcher of our own, with a
/// persistent data directory. Production points `TENDRIL_DATABASE_URL` at a server instead.
///
/// The launcher exists because the usual embedding library turns `fsync` and `synchronous_commit`
/// off, trusts every local user and may delete an old data directory at the next start. Ours keeps
/// every acknowledged row through `kill -9`, and its own crash never loses a cluster:
///
/// - one process at a time per directory (a file lock that dies with its process);
/// - binaries and cluster are made beside their place and renamed when whole;
/// - a server left behind by a killed process is stopped before the next start;
/// - a server that dies is started again on the same port, by crash recovery.
///
/// ```
/// root/ (0700)
///   lock                 held while in use; names its holder
///   bin-<sha256>/        the extracted binaries
///   cluster/data         PGDATA
///   cluster/password     of the role `tendril`, 0600
///   cluster/superuser-password
///   port                 the last port, taken again when free
///   postgres.log
/// ```
@NullMarked
package dev.tendril.service.postgres;

import org.jspecify.annotations.NullMarked;
