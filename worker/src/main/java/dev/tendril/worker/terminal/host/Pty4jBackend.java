package dev.tendril.worker.terminal.host;

import com.pty4j.PtyProcess;
import com.pty4j.PtyProcessBuilder;
import com.pty4j.WinSize;
import com.pty4j.unix.UnixPtyProcess;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Pseudo-terminals by pty4j, around its defects: it ignores a folder that is not there and a
/// program that is not there, sets the size after the program began, forgets UTF-8 editing, and
/// loses what a short write did not take.
final class Pty4jBackend implements PtyBackend {

    /// Sets size and UTF-8 editing before the program begins.
    private static final String PRELUDE =
            "stty cols \"$1\" rows \"$2\" iutf8 2>/dev/null; shift 2; exec \"$@\"";

    @Override
    public Pty spawn(Spec spec) throws IOException {
        if (!Files.isDirectory(spec.folder())) {
            throw new IOException("There is no folder " + spec.folder() + ".");
        }
        String program = spec.command().getFirst();
        if (program(program, spec.environment().get("PATH"), spec.folder()) == null) {
            throw new IOException("There is no program " + program + ".");
        }
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "/bin/sh",
                                "-c",
                                PRELUDE,
                                "sh",
                                Integer.toString(spec.columns()),
                                Integer.toString(spec.rows())));
        command.addAll(spec.command());
        PtyProcess process =
                new PtyProcessBuilder(command.toArray(new String[0]))
                        .setDirectory(spec.folder().toString())
                        .setEnvironment(spec.environment())
                        .setInitialColumns(spec.columns())
                        .setInitialRows(spec.rows())
                        .setConsole(false)
                        .start();
        return new Held((UnixPtyProcess) process);
    }

    private static @Nullable Path program(String name, @Nullable String path, Path folder) {
        if (name.contains("/")) {
            Path file = folder.resolve(name);
            return Files.isExecutable(file) && !Files.isDirectory(file) ? file : null;
        }
        for (String dir : (path == null ? "/usr/bin:/bin" : path).split(":", -1)) {
            Path file = Path.of(dir.isEmpty() ? "." : dir).resolve(name);
            if (Files.isExecutable(file) && !Files.isDirectory(file)) {
                return file;
            }
        }
        return null;
    }

    private static final class Held implements Pty {
        private static final long PATIENCE_MS = 2_000;

        private final UnixPtyProcess process;
        private final InputStream output;
        private final int fd;

        Held(UnixPtyProcess process) {
            this.process = process;
            this.output = process.getInputStream();
            this.fd = process.getPty().getMasterFD();
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public int read(byte[] into) throws IOException {
            return output.read(into);
        }

        @Override
        public void write(byte[] bytes) throws IOException {
            Posix.write(fd, bytes);
        }

        @Override
        public void resize(int columns, int rows) {
            process.setWinSize(new WinSize(columns, rows));
        }

        @Override
        public int waitFor() throws InterruptedException {
            return process.waitFor();
        }

        @Override
        public void end() throws InterruptedException {
            long pid = pid();
            int foreground = Posix.foreground(fd);
            if (foreground > 1) {
                Posix.kill(-foreground, Posix.SIGHUP);
                Posix.kill(-foreground, Posix.SIGCONT);
            }
            for (long member : session(pid)) {
                Posix.kill(member, Posix.SIGHUP);
                Posix.kill(member, Posix.SIGCONT);
            }
            long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
            while (!session(pid).isEmpty() && System.nanoTime() - until < 0) {
                process.waitFor(50, TimeUnit.MILLISECONDS);
                TimeUnit.MILLISECONDS.sleep(10);
            }
            for (long member : session(pid)) {
                Posix.kill(member, Posix.SIGKILL);
            }
        }

        /// Everything whose session the shell leads, background, `nohup` and trapping ones too.
        private static List<Long> session(long leader) {
            List<Long> members = new ArrayList<>();
            try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
                for (Path dir : (Iterable<Path>) processes::iterator) {
                    String name = String.valueOf(dir.getFileName());
                    if (name.chars().allMatch(c -> c >= '0' && c <= '9') && leads(dir, leader)) {
                        members.add(Long.parseLong(name));
                    }
                }
            } catch (IOException e) {
                return List.of(leader);
            }
            return members;
        }

        private static boolean leads(Path process, long leader) {
            try {
                String stat = Files.readString(process.resolve("stat"));
                // The name in parentheses may hold anything.
                String[] rest = stat.substring(stat.lastIndexOf(')') + 2).split(" ", 6);
                return Long.parseLong(rest[3]) == leader && !rest[0].equals("Z");
            } catch (IOException | RuntimeException e) {
                return false; // It has just ended.
            }
        }
    }

    /// What a terminal's programs get of the worker's environment; nothing of ours, no secret.
    static Map<String, String> environment(Map<String, String> own) {
        Map<String, String> kept = new java.util.TreeMap<>();
        for (String name :
                Arrays.asList(
                        "PATH",
                        "HOME",
                        "USER",
                        "LOGNAME",
                        "SHELL",
                        "LANG",
                        "LANGUAGE",
                        "TZ",
                        "TMPDIR",
                        "XDG_RUNTIME_DIR",
                        "SSH_AUTH_SOCK")) {
            String value = own.get(name);
            if (value != null) {
                kept.put(name, value);
            }
        }
        own.forEach((name, value) -> {
            if (name.startsWith("LC_")) {
                kept.put(name, value);
            }
        });
        kept.putIfAbsent("PATH", "/usr/local/bin:/usr/bin:/bin");
        kept.putIfAbsent("LANG", "C.UTF-8");
        kept.put("TERM", "xterm-256color");
        kept.put("COLORTERM", "truecolor");
        return kept;
    }
}
