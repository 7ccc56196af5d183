/// Lets a visitor's page talk to a model of the visitor's own, at an endpoint that the site allows.
///
/// Bytes go through and nothing stays: no chat, no run, no event, no log line and no error holds
/// the key or a word. The relay adds limits, time-outs, and the check of every address that it
/// connects to.
@NullMarked
package dev.tendril.service.proxy;

import org.jspecify.annotations.NullMarked;
