package dev.tendril.service.run;

import java.util.UUID;

/// The turn at the head of a stream.
///
/// @param position place in the workspace's queue, 1 = next; 0 while running
public record HeadStatus(UUID streamId, RunState state, int position) {}
