/// Static pages and assets from the class path, `public/`, which the `web` module packs.
@NullMarked
package dev.tendril.relay.page;

import org.jspecify.annotations.NullMarked;
