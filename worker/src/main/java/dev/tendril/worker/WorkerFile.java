package dev.tendril.worker;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.OperatorFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.model.ModelProfiles;
import dev.tendril.worker.tool.ToolHooks;
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
record WorkerFile(ModelProfiles models, McpServers mcp, ToolHooks hooks) {
    /// Reads the file.
    ///
    /// @param environment for the secrets that stand there
    /// @throws BadFile with a sentence that names file, line and key
    static WorkerFile load(Path file, Map<String, String> environment) throws BadFile {
        OperatorFile read = OperatorFile.read(file);
        if (read == null) {
            return new WorkerFile(ModelProfiles.NONE, new McpServers(List.of()), ToolHooks.NONE);
        }
        YamlSection top = read.top();
        top.allow("version", "models", "order", "mcp", "hooks");
        if (top.number("version", 1, 1, 1) != 1) {
            throw top.wrong("version", "this version of Tendril reads version 1");
        }
        Path folder = read.path().resolveSibling(".");
        return new WorkerFile(
                ModelProfiles.read(top, folder, environment),
                McpServers.read(top, folder, environment),
                ProgramHooks.read(top));
    }
}
