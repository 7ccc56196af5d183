package dev.tendril.worker.tool.command;

import dev.tendril.worker.policy.RolePolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The sandbox: no network, own processes, the system read-only, nothing of the home directory.
///
/// @param program the absolute path of `bwrap`
record Bubblewrap(Path program) {
    private static final List<String> SYSTEM =
            List.of("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64");
    private static final List<String> SETTINGS =
            List.of(
                    "/etc/alternatives",
                    "/etc/ld.so.cache",
                    "/etc/ld.so.conf",
                    "/etc/ld.so.conf.d",
                    "/etc/localtime",
                    "/etc/passwd",
                    "/etc/group",
                    "/etc/nsswitch.conf",
                    "/etc/java-17-openjdk",
                    "/etc/java-25-openjdk",
                    "/etc/mime.types");

    /// The sandbox of this machine; null when it is not installed or must not make namespaces.
    static @Nullable Bubblewrap find() {
        Path program = Programs.find("bwrap");
        if (program == null) {
            return null;
        }
        Bubblewrap sandbox = new Bubblewrap(program);
        List<String> probe = new ArrayList<>(sandbox.prefix(List.of(), List.of(), Path.of("/tmp")));
        Path nothing = Programs.find("true");
        probe.add(nothing == null ? "/bin/true" : nothing.toString());
        return works(probe) ? sandbox : null;
    }

    private static boolean works(List<String> command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            process.getOutputStream().close();
            boolean ended = process.waitFor(5, TimeUnit.SECONDS);
            process.destroyForcibly();
            return ended && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /// The command that a program's own command is appended to.
    ///
    /// @param directory to start in
    List<String> prefix(RolePolicy.Reach reach, Path directory) {
        return prefix(reach.read(), reach.write(), directory);
    }

    private List<String> prefix(List<Path> read, List<Path> write, Path directory) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of("--unshare-all", "--die-with-parent", "--cap-drop", "ALL"));
        for (String path : SYSTEM) {
            Path at = Path.of(path);
            if (Files.isSymbolicLink(at)) {
                command.addAll(List.of("--symlink", link(at), path));
            } else if (Files.isDirectory(at)) {
                command.addAll(List.of("--ro-bind", path, path));
            }
        }
        for (String path : SETTINGS) {
            command.addAll(List.of("--ro-bind-try", path, path));
        }
        command.addAll(List.of("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"));
        for (Path path : read) {
            command.addAll(List.of("--ro-bind", path.toString(), path.toString()));
        }
        for (Path path : write) {
            command.addAll(List.of("--bind", path.toString(), path.toString()));
        }
        command.addAll(List.of("--chdir", directory.toString(), "--"));
        return command;
    }

    private static String link(Path at) {
        try {
            return Files.readSymbolicLink(at).toString();
        } catch (IOException e) {
            return "usr" + at;
        }
    }
}
