/// What holds for every request and answer, whatever the route: whose page may call, and the
/// headers that keep a browser strict.
@NullMarked
package dev.tendril.service.edge;

import org.jspecify.annotations.NullMarked;
