/// What stays on the line: claims, event streams, static pages, the relay's command line.
@NullMarked
package dev.tendril.relay;

import org.jspecify.annotations.NullMarked;
