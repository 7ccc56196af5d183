package dev.tendril.infra.stage;

import java.io.IOException;

/// POSIX signals to processes that we started.
final class Signals {
    private Signals() {}

    /// @param signal `STOP`, `CONT`, `KILL`
    static void send(String signal, long pid) throws IOException, InterruptedException {
        int status =
                new ProcessBuilder("kill", "-" + signal, Long.toString(pid))
                        .inheritIO()
                        .start()
                        .waitFor();
        if (status != 0) {
            throw new IOException("no signal " + signal + " to process " + pid);
        }
    }
}
