/// The native wire: AI SDK UI message stream, version 1. A [Frame] is one JSON object of that
/// stream; the relay gives each a gapless `seq`, carried in the SSE `id:` line and never in the
/// JSON.
@NullMarked
package dev.tendril.contract.frame;

import org.jspecify.annotations.NullMarked;
