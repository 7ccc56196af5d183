package dev.tendril.service.stream;

import dev.tendril.contract.frame.Frame;
import java.util.UUID;

/// A visitor's message to be appended.
///
/// @param runId the turn that answers it
public record NewMessage(UUID workspaceId, UUID streamId, long runId, Frame.RelayMessage frame) {}
