package dev.tendril.worker.chat;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import dev.tendril.worker.tool.AfterWrites;
import dev.tendril.worker.tool.command.BuildCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The loop with a real program as the build.
class AutoFixTest {
    private static final Set<String> WROTE = Set.of("edit_file");
    @TempDir private Path dir;

    private AfterWrites build(String script) throws Exception {
        return BuildCheck.read(
                YamlSection.parse(
                        "worker.yml",
                        "autofix: {run: [/bin/sh, -c, \"%s\"], directory: \"%s\", timeout: 1}"
                                .formatted(script, dir)));
    }

    @Test
    void theExitValueDecidesAndErrorsReachTheModel() throws Exception {
        assertNull(new AutoFix(build("echo warning; exit 0")).after(WROTE));
        String errors = new AutoFix(build("echo Broken.java:7; exit 1")).after(WROTE);
        assertNotNull(errors);
        assertTrue(errors.startsWith("The build fails.\nBroken.java:7\n"), errors);
        assertTrue(String.valueOf(new AutoFix(build("sleep 30")).after(WROTE)).contains("in time"));
    }

    @Test
    void nothingIsBuiltWhenNothingWasWritten() throws Exception {
        AutoFix loop = new AutoFix(build("echo >> ran; exit 1"));
        assertNull(loop.after(Set.of("read_file")));
        assertNull(loop.after(Set.of()));
        assertTrue(Files.notExists(dir.resolve("ran")));
    }

    @Test
    void threeRoundsAtMostAndNoneAfterTheSameErrors() throws Exception {
        AutoFix same = new AutoFix(build("echo >> ran; echo error; exit 1"));
        assertNotNull(same.after(WROTE));
        assertTrue(String.valueOf(same.after(WROTE)).startsWith("The build fails as before"));
        assertNull(same.after(WROTE));
        assertEquals(2, Files.readAllLines(dir.resolve("ran")).size());
        Files.delete(dir.resolve("ran"));
        AutoFix other = new AutoFix(build("echo >> ran; cat ran | wc -l; exit 1"));
        for (int i = 0; i < 5; i++) {
            assertEquals(i < 3, other.after(WROTE) != null);
        }
        assertEquals(3, Files.readAllLines(dir.resolve("ran")).size());
    }

    @Test
    void saysWhatIsWrong() {
        assertThrows(
                BadFile.class,
                () -> BuildCheck.read(YamlSection.parse("w", "autofix: {run: [make]}")));
        assertThrows(
                BadFile.class,
                () ->
                        BuildCheck.read(
                                YamlSection.parse(
                                        "w", "autofix: {run: [/bin/true], directory: nowhere}")));
    }
}
