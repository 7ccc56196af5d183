/// A turn: a visitor's message and all that answers it, independent of how the model is reached and
/// how frames travel.
///
/// [TurnRunner] loops over steps: ask the model, stream what it says, run the tools that it calls,
/// checkpoint, again. What a step brought is in [TurnState], the checkpoint's content, so that
/// another attempt continues where this one ended: a checkpointed model call is not made again, a
/// finished tool call never runs twice.
@NullMarked
package dev.tendril.worker.chat;

import org.jspecify.annotations.NullMarked;
