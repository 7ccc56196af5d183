/// Tools of MCP servers that the operator names in `worker.yml`, through the official Java SDK.
///
/// A server's tool exists for this worker only after a person has read and approved its name,
/// description and schema ([McpApprovals]); they are pinned by their hash, so a server that changes
/// one of them loses the tool until it is approved anew. What the model is told comes from the
/// approval and not from the server, so servers are started only when they are called, and a dead
/// one costs its own tools' calls and nothing else.
@NullMarked
package dev.tendril.worker.tool.mcp;

import org.jspecify.annotations.NullMarked;
