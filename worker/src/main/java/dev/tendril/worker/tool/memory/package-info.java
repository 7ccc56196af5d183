/// What operators' turns remember: topics, a log for each day, and what was condensed of it.
/// Nothing that a visitor wrote gets here by itself: the tools are no visitors' tools, and after a
/// turn has read from outside it may not write.
@NullMarked
package dev.tendril.worker.tool.memory;

import org.jspecify.annotations.NullMarked;
