package dev.tendril.worker.tool.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.ToolTurn;
import dev.tendril.worker.tool.Turns;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RepoToolsTest {
    @TempDir Path base;
    private Path repos;

    @BeforeEach
    void repos() throws Exception {
        repos = Files.createDirectories(base.resolve("repos"));
        Files.createDirectories(repos.resolve("app/src"));
        Files.createDirectories(repos.resolve("app/.git"));
        Files.createDirectories(repos.resolve(".hidden"));
        Files.writeString(repos.resolve("app/src/Main.java"), "class Main {}");
        Files.writeString(repos.resolve("app/.env"), "canary");
        Files.writeString(repos.resolve("app/.git/config"), "canary");
        Files.writeString(repos.resolve("loose.txt"), "canary");
        Files.writeString(base.resolve("secret"), "canary");
        Files.createSymbolicLink(repos.resolve("linked"), base);
    }

    private ToolOutcome call(String tool, Map<String, ?> arguments) throws Exception {
        ToolTurn turn = Turns.turn(RepoTools.all(repos), Policy.safe(), Role.VISITOR);
        return Turns.call(turn, tool, arguments);
    }

    @Test
    void listsAndReads() throws Exception {
        assertTrue(call("list_repos", Map.of()).forModel().contains("\"repos\":[\"app\"]"));
        assertTrue(
                call("list_repos", Map.of("repo", "app", "depth", 2))
                        .forModel()
                        .contains("[\"src/\",\"src/Main.java\"]"));
        assertTrue(
                call("read_repo_file", Map.of("repo", "app", "path", "src/Main.java"))
                        .forModel()
                        .contains("class Main {}"));
    }

    @ParameterizedTest
    @CsvSource({
        "app,.env",
        "app,.git/config",
        "app,src/../.env",
        "app,../../secret",
        "app,/etc/passwd",
        "..,secret",
        ".hidden,x",
        "app/..,secret",
        "linked,secret",
        "loose.txt,.",
        "nothing,x"
    })
    void refuses(String repo, String path) throws Exception {
        ToolOutcome outcome = call("read_repo_file", Map.of("repo", repo, "path", path));
        assertFalse(outcome.ok(), outcome::forModel);
        assertFalse(outcome.forModel().contains("canary"));
        ToolOutcome listed = call("list_repos", Map.of("repo", repo, "path", path));
        assertFalse(listed.forModel().contains("canary"));
    }

    @Test
    void withoutAFolderThereAreNoTools() throws Exception {
        assertEquals(0, RepoTools.all(base.resolve("none")).size());
    }
}
