/// The relay's command line. Commands are plain picocli; a command that needs the database opens an
/// application context for as long as it runs, so that help and `up` start none.
@NullMarked
package dev.tendril.relay.cli;

import org.jspecify.annotations.NullMarked;
