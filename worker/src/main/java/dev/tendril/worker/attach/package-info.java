/// The operator's side, on the same machine or another one: a device that was paired with a worker
/// opens channels to it through the relay. What `tendril worker enrol` and `attach` are made of; it
/// shares the channel with the worker's own side and nothing else.
@NullMarked
package dev.tendril.worker.attach;

import org.jspecify.annotations.NullMarked;
