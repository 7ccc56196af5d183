/// Event streams to browsers.
///
/// A reader subscribes first and reads then: replay and live are the same question to the log,
/// "what follows my last frame?", asked again whenever the stream may have grown. So there is no
/// seam between them that could lose or repeat a frame. An idle reader holds no thread and no
/// database connection.
///
/// This is the one place with a reactive type: the server takes a body that arrives over time only
/// as a `Publisher`, and tells by its demand how fast the browser reads.
@NullMarked
package dev.tendril.relay.stream;

import org.jspecify.annotations.NullMarked;
