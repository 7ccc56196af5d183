package dev.tendril.worker.chat;

import io.micronaut.serde.annotation.Serdeable;

/// What stands for older messages of a chat that outgrew the model's window.
///
/// @param summary written by the model
/// @param upTo id of the last message that it stands for: the anchor from which history goes on
/// @param messages how many it stands for
@Serdeable
record Memo(String summary, String upTo, int messages) {}
