package dev.tendril.worker.tool.files;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.tool.ToolException;
import dev.tendril.worker.tool.ToolOutcome;
import dev.tendril.worker.tool.ToolTurn;
import dev.tendril.worker.tool.Turns;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FileToolsTest {
    private static final String CANARY = "canary-5b1f";

    @TempDir Path base;
    private Path root;
    private Path open;
    private Policy policy;

    @BeforeEach
    void folders() throws Exception {
        base = base.toRealPath();
        root = Files.createDirectories(base.resolve("site"));
        open = Files.createDirectories(base.resolve("docs"));
        Files.writeString(base.resolve("secret.txt"), CANARY);
        Files.createDirectories(base.resolve("site-evil"));
        Files.writeString(base.resolve("site-evil/x.txt"), CANARY);
        Files.writeString(root.resolve("a.txt"), "one\ntwo\nthree\n");
        Files.createDirectories(root.resolve("sub/deep"));
        Files.writeString(root.resolve("sub/b.md"), "# two\n");
        policy =
                Turns.policy(
                        base.resolve("rules"),
                        """
                        roles:
                          operator:
                            tools: [read_file, write_file, edit_file, list_files, grep]
                            budget: {calls: 500}
                            write: [%s]
                            read: [%s]
                        """
                                .formatted(root, open));
    }

    private ToolOutcome call(String tool, Object... arguments) throws InterruptedException {
        ToolTurn turn = Turns.turn(FileTools.all(policy), policy, Role.OPERATOR);
        Map<String, Object> map = new java.util.LinkedHashMap<>();
        for (int i = 0; i < arguments.length; i += 2) {
            map.put((String) arguments[i], arguments[i + 1]);
        }
        return Turns.call(turn, tool, map);
    }

    private static Map<?, ?> ok(ToolOutcome outcome) {
        return (Map<?, ?>)
                assertInstanceOf(ToolOutcome.Ok.class, outcome, outcome::forModel).value();
    }

    private static void refused(ToolOutcome outcome, String rule) {
        assertEquals(
                rule,
                assertInstanceOf(ToolOutcome.Denied.class, outcome, outcome::forModel).rule());
        assertFalse(outcome.forModel().contains(CANARY));
    }

    @Test
    void readsWritesEditsListsAndFinds() throws Exception {
        assertEquals(
                "two",
                ok(call("read_file", "path", "a.txt", "first_line", 2, "lines", 1)).get("text"));
        assertEquals(
                "one\ntwo\nthree", ok(call("read_file", "path", root + "/./a.txt")).get("text"));

        ok(call("write_file", "path", "new/er/c.txt", "text", "häh"));
        assertEquals("häh", Files.readString(root.resolve("new/er/c.txt")));
        Path script = Files.writeString(root.resolve("run.sh"), "old");
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-x---"));
        ok(call("write_file", "path", "run.sh", "text", "new"));
        assertEquals(
                "rwxr-x---", PosixFilePermissions.toString(Files.getPosixFilePermissions(script)));

        ok(call("edit_file", "path", "a.txt", "old_text", "two\n", "new_text", "2\n"));
        assertEquals("one\n2\nthree\n", Files.readString(root.resolve("a.txt")));
        assertTrue(
                call("edit_file", "path", "a.txt", "old_text", "e", "new_text", "")
                        .reason()
                        .contains("more than once"));
        assertTrue(
                call("edit_file", "path", "a.txt", "old_text", "zzz", "new_text", "")
                        .reason()
                        .contains("does not stand"));

        assertEquals(
                "[a.txt, new/, new/er/, new/er/c.txt, run.sh, sub/, sub/b.md, sub/deep/]",
                ok(call("list_files", "depth", 3)).get("entries").toString());
        assertEquals(
                "[sub/b.md:1: # two]",
                ok(call("grep", "pattern", "T(W)O", "ignore_case", true))
                        .get("matches")
                        .toString());
        assertEquals(
                "[a.txt:1: one]",
                ok(call("grep", "pattern", "^one$", "path", "a.txt")).get("matches").toString());
        try (var left = Files.walk(root)) {
            assertTrue(left.noneMatch(p -> p.getFileName().toString().startsWith(".tendril-")));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../secret.txt",
                "sub/../../secret.txt",
                "sub/../../../../../../../etc/passwd",
                "/etc/passwd",
                "/../etc/passwd",
                "//etc//passwd",
                "./../secret.txt",
                "/proc/self/environ",
                "..",
                "../site-evil/x.txt"
            })
    void doesNotLeaveTheDirectories(String path) throws Exception {
        refused(call("read_file", "path", path), "files.outside");
        refused(call("write_file", "path", path, "text", "x"), "files.outside");
        refused(call("edit_file", "path", path, "old_text", "a", "new_text", "b"), "files.outside");
        refused(call("list_files", "path", path), "files.outside");
        refused(call("grep", "path", path, "pattern", "."), "files.outside");
        assertEquals(CANARY, Files.readString(base.resolve("secret.txt")));
    }

    @Test
    void aNameThatBeginsLikeARootIsNotInsideIt() throws Exception {
        refused(
                call("read_file", "path", base.resolve("site-evil/x.txt").toString()),
                "files.outside");
    }

    @ParameterizedTest
    @CsvSource({"a\\u0000.txt,files.path", "a\\u000a,files.path"})
    void refusesControlCharactersInNames(String path, String rule) throws Exception {
        String real = path.replace("\\u0000", "\u0000").replace("\\u000a", "\n");
        refused(call("read_file", "path", real), rule);
        refused(call("write_file", "path", real, "text", ""), rule);
    }

    @Test
    void refusesNamesThatAreTooLong() throws Exception {
        assertInstanceOf(
                ToolOutcome.BadArguments.class, call("read_file", "path", "x".repeat(1025)));
        assertFalse(call("read_file", "path", "x".repeat(1000)).ok());
        assertFalse(call("write_file", "path", "x".repeat(1000), "text", "").ok());
    }

    @Test
    void followsNoLinkAnywhere() throws Exception {
        Files.createSymbolicLink(root.resolve("file-link"), base.resolve("secret.txt"));
        Files.createSymbolicLink(root.resolve("dir-link"), base);
        Files.createSymbolicLink(root.resolve("inner"), root.resolve("a.txt"));
        Files.createSymbolicLink(root.resolve("loop"), root.resolve("loop"));
        Files.createSymbolicLink(root.resolve("dangling"), base.resolve("created-by-write"));
        for (String link : new String[] {"file-link", "inner", "loop", "dangling"}) {
            refused(call("read_file", "path", link), "files.link");
            refused(call("write_file", "path", link, "text", "x"), "files.link");
        }
        for (String path : new String[] {"dir-link/secret.txt", "dir-link/rules/policy.yml"}) {
            for (ToolOutcome outcome :
                    new ToolOutcome[] {
                        call("read_file", "path", path),
                        call("write_file", "path", path, "text", "x"),
                        call("list_files", "path", "dir-link"),
                        call("grep", "path", "dir-link", "pattern", "canary")
                    }) {
                assertFalse(outcome.ok(), outcome::forModel);
                assertFalse(outcome.forModel().contains(CANARY));
            }
        }
        assertEquals("[]", ok(call("grep", "pattern", "canary")).get("matches").toString());
        assertTrue(Files.notExists(base.resolve("created-by-write")));
        assertEquals(CANARY, Files.readString(base.resolve("secret.txt")));
    }

    /// A second thread replaces a directory by a link to the outside and back, as fast as it can,
    /// while files are read and written through it.
    @Test
    void linksThatAreSwappedInBetweenLeadNowhere() throws Exception {
        Path outside = Files.createDirectories(base.resolve("outside"));
        Files.writeString(outside.resolve("f.txt"), CANARY);
        Path swapped = root.resolve("swapped");
        Path real = Files.createDirectories(base.resolve("real"));
        Files.writeString(real.resolve("f.txt"), "harmless");
        Files.move(real, swapped);
        AtomicBoolean going = new AtomicBoolean(true);
        Thread swapper =
                Thread.ofPlatform()
                        .start(() -> {
                            while (going.get()) {
                                swap(swapped, real, outside);
                            }
                        });
        Place target = Place.of(java.util.List.of(root), "swapped/f.txt");
        Place written = Place.of(java.util.List.of(root), "swapped/made/g.txt");
        int read = 0;
        int refused = 0;
        try {
            long end = System.nanoTime() + 5_000_000_000L;
            while (System.nanoTime() < end) {
                try {
                    String text = new String(ConfinedFiles.read(target, 100), UTF_8);
                    assertEquals("harmless", text);
                    read++;
                } catch (ToolException e) {
                    refused++;
                }
                try {
                    ConfinedFiles.write(written, new byte[1]);
                } catch (ToolException e) {
                    refused++;
                }
            }
        } finally {
            going.set(false);
            swapper.join();
        }
        assertTrue(refused > 0, "the race never hit");
        assertTrue(read > 0, "the race never let a read through");
        try (var files = Files.list(outside)) {
            assertEquals(1, files.count(), "something was written outside");
        }
    }

    private static void swap(Path swapped, Path real, Path outside) {
        try {
            if (Files.notExists(real)) {
                Files.move(swapped, real);
            }
            Files.createSymbolicLink(swapped, outside);
            Files.delete(swapped);
            Files.move(real, swapped);
        } catch (FileSystemException e) {
            // A writer has just made the directory anew: ours comes back in its place.
            if (Files.isDirectory(real)) {
                try (var files = Files.walk(swapped)) {
                    files.sorted(java.util.Comparator.reverseOrder())
                            .forEach(f -> f.toFile().delete());
                } catch (IOException again) {
                    // It is gone already.
                }
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void refusesSpecialHugeAndBinaryFiles() throws Exception {
        new ProcessBuilder("mkfifo", root.resolve("fifo").toString()).start().waitFor();
        refused(call("read_file", "path", "fifo"), "files.special");
        refused(call("write_file", "path", "fifo", "text", "x"), "files.special");

        try (var sparse =
                java.nio.channels.FileChannel.open(
                        root.resolve("huge"),
                        java.nio.file.StandardOpenOption.CREATE,
                        java.nio.file.StandardOpenOption.WRITE)) {
            sparse.write(java.nio.ByteBuffer.wrap(new byte[] {1}), 50L << 30);
        }
        refused(call("read_file", "path", "huge"), "files.size");

        Files.write(root.resolve("bin"), new byte[] {0x7f, 'E', 'L', 'F', 0, 0});
        assertTrue(call("read_file", "path", "bin").reason().contains("binary"));
        assertFalse(call("read_file", "path", "sub").ok());
        assertFalse(call("write_file", "path", "sub", "text", "x").ok());
        Map<?, ?> found = ok(call("grep", "pattern", "."));
        assertTrue((int) found.get("files_skipped") >= 2);
    }

    @Test
    void doesNotWriteWhereItMayOnlyReadNorIntoGit() throws Exception {
        Files.writeString(open.resolve("r.txt"), "readable");
        assertEquals("readable", ok(call("read_file", "path", open + "/r.txt")).get("text"));
        refused(call("write_file", "path", open + "/r.txt", "text", "x"), "operator.write");
        refused(call("write_file", "path", ".git/hooks/pre-commit", "text", "x"), "files.git");
        refused(call("write_file", "path", "sub/.GIT/config", "text", "x"), "files.git");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a+)+$",
                "(a|a)*b",
                "(.*a){20}",
                "(x+x+)+y",
                "([a-zA-Z]+)*$",
                "(?:(?:a{1,30}){1,30})"
            })
    void patternBombsEndInTime(String pattern) throws Exception {
        Files.writeString(
                root.resolve("long.txt"), "a".repeat(200_000) + "!\n" + "x".repeat(100_000));
        long start = System.nanoTime();
        call("grep", "pattern", pattern);
        assertTrue(System.nanoTime() - start < 15_000_000_000L, pattern);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"((a{100}){100}){100}", "(((a{1,50}){1,50}){1,50}){1,50}", "a{999999999}"})
    void patternsThatExplodeAreRefused(String pattern) throws Exception {
        assertTrue(call("grep", "pattern", pattern).reason().contains("repeats"));
    }

    @Test
    void badPatternsAreExplained() throws Exception {
        assertTrue(call("grep", "pattern", "(").reason().contains("RE2"));
        assertTrue(call("grep", "pattern", "(a)\\1").reason().contains("RE2"));
    }
}
