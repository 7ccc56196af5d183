package dev.tendril.worker.terminal.host;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Opens pseudo-terminals.
public interface PtyBackend {

    /// What to run.
    ///
    /// @param command program and arguments, not empty
    /// @param folder where it begins
    /// @param environment all of it: nothing is inherited
    record Spec(
            List<String> command,
            Path folder,
            Map<String, String> environment,
            int columns,
            int rows) {
        /// Copies the lists.
        public Spec {
            command = List.copyOf(command);
            environment = Map.copyOf(environment);
        }
    }

    /// Starts a program on a new terminal that has its size and UTF-8 editing from the first
    /// instruction on.
    ///
    /// @throws IOException with a sentence for people: no such folder, no such program
    Pty spawn(Spec spec) throws IOException;

    /// A program on its terminal. Each of reading, writing and waiting takes one platform thread.
    interface Pty {
        /// The shell's process, which leads its session.
        long pid();

        /// Waits for output.
        ///
        /// @return how many bytes, or -1 at the end
        int read(byte[] into) throws IOException;

        /// Writes all of it; waits while the program does not read.
        void write(byte[] bytes) throws IOException;

        /// Another size; the program is told.
        void resize(int columns, int rows) throws IOException;

        /// Waits for the program's end.
        ///
        /// @return its exit value, 128 and the signal's number when a signal ended it
        int waitFor() throws InterruptedException;

        /// Ends the program and everything in its session: first asks (SIGHUP), after 2 s kills.
        void end() throws InterruptedException;
    }
}
