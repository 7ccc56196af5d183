package dev.tendril.worker;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.OperatorFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.model.ModelProfiles;
import java.nio.file.Path;
import java.util.Map;

/// What the operator wrote into `worker.yml`; nothing when there is no such file.
///
/// @param models named model profiles
record WorkerFile(ModelProfiles models) {
    /// Reads the file.
    ///
    /// @param environment for the secrets that stand there
    /// @throws BadFile with a sentence that names file, line and key
    static WorkerFile load(Path file, Map<String, String> environment) throws BadFile {
        OperatorFile read = OperatorFile.read(file);
        if (read == null) {
            return new WorkerFile(ModelProfiles.NONE);
        }
        YamlSection top = read.top();
        top.allow("version", "models", "order");
        if (top.number("version", 1, 1, 1) != 1) {
            throw top.wrong("version", "this version of Tendril reads version 1");
        }
        return new WorkerFile(
                ModelProfiles.read(top, read.path().resolveSibling("."), environment));
    }
}
