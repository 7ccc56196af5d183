package dev.tendril.worker;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.OperatorFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.model.ModelProfiles;
import dev.tendril.worker.sync.SyncPlan;
import dev.tendril.worker.tool.AfterWrites;
import dev.tendril.worker.tool.ToolHooks;
import dev.tendril.worker.tool.command.BuildCheck;
import dev.tendril.worker.tool.hook.ProgramHooks;
import dev.tendril.worker.tool.mcp.McpServers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// What the operator wrote into `worker.yml`; nothing when there is no such file.
///
/// @param models named model profiles
/// @param mcp MCP servers
/// @param hooks asked before and told after tool calls
/// @param sync where the content comes from
/// @param build checked after a turn's step has changed files
record WorkerFile(
        ModelProfiles models, McpServers mcp, ToolHooks hooks, SyncPlan sync, AfterWrites build) {
    /// Reads the file.
    ///
    /// @param environment for the secrets that stand there
    /// @throws BadFile with a sentence that names file, line and key
    static WorkerFile load(Path file, Map<String, String> environment) throws BadFile {
        OperatorFile read = OperatorFile.read(file);
        if (read == null) {
            return new WorkerFile(
                    ModelProfiles.NONE,
                    new McpServers(List.of()),
                    ToolHooks.NONE,
                    SyncPlan.NONE,
                    AfterWrites.NOTHING);
        }
        YamlSection top = read.top();
        top.allow("version", "models", "order", "mcp", "hooks", "sync", "autofix");
        if (top.number("version", 1, 1, 1) != 1) {
            throw top.wrong("version", "this version of Tendril reads version 1");
        }
        Path folder = read.path().resolveSibling(".");
        return new WorkerFile(
                ModelProfiles.read(top, folder, environment),
                McpServers.read(top, folder, environment),
                ProgramHooks.read(top),
                SyncPlan.read(top),
                BuildCheck.read(top));
    }
}
