package dev.tendril.worker.terminal.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;

/// The PTY host's process. Started by the worker, not by people.
public final class HostMain {

    private HostMain() {}

    /// @param args the folder of the socket
    public static void main(String[] args) throws IOException, InterruptedException {
        try (PtyHost host =
                new PtyHost(Path.of(args[0]), PtyHost.backend(), InstantSource.system())) {
            Runtime.getRuntime().addShutdownHook(new Thread(host::close, "leave"));
            host.awaitEnd();
        }
        System.exit(0);
    }
}
