package dev.tendril.worker.terminal.session;

import dev.tendril.contract.terminal.TerminalReport;
import dev.tendril.worker.terminal.host.HostFrame;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// All sessions of this worker. They live in the PTY host; a worker that starts finds them again.
public final class Terminals implements AutoCloseable {

    /// Sessions at once.
    static final int MOST = 50;

    private static final long START_MS = 10_000;

    private final Map<String, TerminalSession> sessions = new ConcurrentHashMap<>();
    private final HostClient host;
    private final Path home;
    private final String shell;
    private final List<TerminalReport.Session> ended = new ArrayList<>();
    private volatile boolean closed;
    private volatile Runnable changed = () -> {};

    /// @param folder of the host's socket: the worker's data directory
    /// @param environment the worker's own, for HOME and SHELL
    public Terminals(Path folder, Map<String, String> environment) {
        this.host = new HostClient(folder, this::heard, this::lost);
        this.home = Path.of(environment.getOrDefault("HOME", "/"));
        this.shell = environment.getOrDefault("SHELL", "/bin/sh");
    }

    /// Tells whoever reports them that sessions came, went or changed; returns at once.
    public void onChange(Runnable listener) {
        changed = listener;
    }

    /// All sessions, and those that ended and were not yet [#reported].
    public TerminalReport report() {
        List<TerminalReport.Session> all = new ArrayList<>();
        synchronized (ended) {
            all.addAll(ended);
        }
        for (TerminalSession.Listed one : list()) {
            if (all.size() < TerminalReport.MOST && one.status().equals("running")) {
                all.add(reported(one, null));
            }
        }
        return new TerminalReport(all);
    }

    /// The relay has taken this report.
    public void reported(TerminalReport report) {
        synchronized (ended) {
            ended.removeAll(report.sessions());
        }
    }

    private static TerminalReport.Session reported(
            TerminalSession.Listed one, @Nullable Integer exit) {
        return new TerminalReport.Session(
                UUID.fromString(one.id()),
                one.name(),
                one.columns(),
                one.rows(),
                Instant.ofEpochMilli(one.createdAtMillis()),
                exit);
    }

    /// Looks for a host that outlived the worker before this one.
    public void find() {
        host.find();
    }

    /// Sessions, the oldest first.
    List<TerminalSession.Listed> list() {
        return sessions.values().stream()
                .map(TerminalSession::listed)
                .sorted(Comparator.comparingLong(TerminalSession.Listed::createdAtMillis))
                .toList();
    }

    /// The session of this identifier or name, or null.
    @Nullable TerminalSession find(String name) {
        TerminalSession byId = sessions.get(name);
        return byId != null
                ? byId
                : sessions.values().stream()
                        .filter(s -> s.name().equals(name))
                        .findFirst()
                        .orElse(null);
    }

    /// Starts a program, the user's shell without a command.
    ///
    /// @param folder where it begins; null for the home directory
    /// @throws IOException with a sentence for people
    TerminalSession create(
            String name, List<String> command, @Nullable String folder, int columns, int rows)
            throws IOException, InterruptedException {
        check(name);
        if (sessions.values().stream().filter(s -> s.exit() < 0).count() >= MOST) {
            throw new IOException("There are " + MOST + " sessions already; close one.");
        }
        if (columns < 2 || columns > 500 || rows < 2 || rows > 300) {
            throw new IOException("A terminal has 2 to 500 columns and 2 to 300 rows.");
        }
        host.need();
        String id = UUID.randomUUID().toString();
        TerminalSession session = new TerminalSession(id, name, columns, rows, host);
        sessions.put(id, session);
        host.say(
                new HostFrame.Spawn(
                        id,
                        name,
                        columns,
                        rows,
                        folder == null ? home.toString() : folder,
                        command.isEmpty() ? List.of(shell, "-l") : command));
        String why = session.awaitStart(START_MS);
        if (why != null) {
            sessions.remove(id);
            throw new IOException(why);
        }
        return session;
    }

    /// Gives it another name.
    ///
    /// @throws IOException with a sentence for people
    void rename(TerminalSession session, String name) throws IOException {
        check(name);
        session.rename(name);
        changed.run();
    }

    /// Ends the program and all that it started.
    void end(TerminalSession session) {
        host.say(new HostFrame.End(session.id()));
        if (session.exit() >= 0) {
            sessions.remove(session.id());
        }
    }

    /// Ends the host with all its sessions.
    void endAll() {
        closed = true;
        host.say(new HostFrame.Leave());
        host.close();
    }

    /// Leaves the host and its sessions as they are; a host without sessions ends too.
    @Override
    public void close() {
        closed = true;
        if (sessions.isEmpty()) {
            host.say(new HostFrame.Leave());
        }
        host.close();
    }

    private void check(String name) throws IOException {
        if (!name.matches("[\\p{L}\\p{N}][\\p{L}\\p{N} ._-]{0,63}")) {
            throw new IOException(
                    "A name has 1 to 64 letters, digits, blanks, dots, hyphens and underscores.");
        }
        if (find(name) != null) {
            throw new IOException("There is a session " + name + " already.");
        }
    }

    private void heard(HostFrame frame) {
        switch (frame) {
            case HostFrame.Session f -> {
                TerminalSession session =
                        sessions.computeIfAbsent(
                                f.id(),
                                id ->
                                        new TerminalSession(
                                                id, f.name(), f.columns(), f.rows(), host));
                host.say(new HostFrame.Follow(f.id(), session.hosted(f)));
                changed.run();
            }
            case HostFrame.Failed f -> with(f.id(), s -> s.failed(f.reason()));
            case HostFrame.Output f -> with(f.id(), s -> s.output(f));
            case HostFrame.Typed f -> with(f.id(), s -> s.typed(f.total()));
            case HostFrame.Keyframe f -> with(f.id(), s -> s.keyframe(f));
            case HostFrame.Exited f -> {
                with(f.id(), s -> s.exited(f.end(), f.exit()));
                // The host may forget it; who watches still reads to the end.
                host.say(new HostFrame.End(f.id()));
                over(sessions.remove(f.id()), f.exit());
            }
            case HostFrame.Hello _,
                    HostFrame.Spawn _,
                    HostFrame.Follow _,
                    HostFrame.Input _,
                    HostFrame.Resize _,
                    HostFrame.Pause _,
                    HostFrame.Rename _,
                    HostFrame.End _,
                    HostFrame.Leave _ -> {}
        }
    }

    private void over(@Nullable TerminalSession session, int exit) {
        if (session != null) {
            synchronized (ended) {
                if (ended.size() < TerminalReport.MOST / 2) {
                    ended.add(reported(session.listed(), exit));
                }
            }
            changed.run();
        }
    }

    private void with(String id, java.util.function.Consumer<TerminalSession> action) {
        TerminalSession session = sessions.get(id);
        if (session != null) {
            action.accept(session);
        }
    }

    /// The host ended, or this worker does. In the former case the programs are gone with it.
    private void lost() {
        if (!closed) {
            sessions.values().forEach(TerminalSession::lost);
            sessions.clear();
            changed.run();
        }
    }
}
