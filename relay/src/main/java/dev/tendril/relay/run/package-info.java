/// The worker's side of the line: claims that wait, and the calls under a lease.
///
/// Whoever waits holds a virtual thread and no database connection. A signal wakes it right after
/// the commit that concerns it; a look once per second, one query for all who wait, makes up for
/// signals that were lost.
@NullMarked
package dev.tendril.relay.run;

import org.jspecify.annotations.NullMarked;
