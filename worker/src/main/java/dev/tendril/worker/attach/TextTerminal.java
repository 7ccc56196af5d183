package dev.tendril.worker.attach;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;

/// The terminal that a person sits at: raw while it is open, as it was afterwards.
public final class TextTerminal implements AutoCloseable {

    private final InputStream in = new FileInputStream(FileDescriptor.in);
    private final OutputStream out = new FileOutputStream(FileDescriptor.out);
    private final String before;

    private TextTerminal(String before) {
        this.before = before;
    }

    /// Makes it raw.
    ///
    /// @throws IOException when there is none
    public static TextTerminal open() throws IOException {
        String before = stty("-g");
        if (before.isBlank()) {
            throw new IOException("This is no terminal.");
        }
        TextTerminal terminal = new TextTerminal(before);
        Runtime.getRuntime().addShutdownHook(new Thread(terminal::close, "terminal-back"));
        stty("raw", "-echo");
        return terminal;
    }

    /// Columns and rows; 80 and 24 when it does not say.
    public int[] size() {
        try {
            String[] words = stty("size").strip().split(" ", -1);
            if (words.length == 2) {
                int rows = Integer.parseInt(words[0]);
                int columns = Integer.parseInt(words[1]);
                if (rows > 1 && columns > 1) {
                    return new int[] {Math.min(columns, 500), Math.min(rows, 300)};
                }
            }
        } catch (IOException | NumberFormatException e) {
            // It does not say.
        }
        return new int[] {80, 24};
    }

    /// Waits for keys.
    ///
    /// @return how many bytes, or -1
    public int read(byte[] into) throws IOException {
        return in.read(into);
    }

    /// Shows bytes.
    public void write(byte[] bytes) {
        try {
            out.write(bytes);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Shows a line of our own.
    public void say(String line) {
        write(("\r\n\u001b[7m " + line + " \u001b[0m\r\n").getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        try {
            stty(before.strip());
        } catch (IOException e) {
            // It is gone.
        }
    }

    private static String stty(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 1];
        command[0] = "stty";
        System.arraycopy(arguments, 0, command, 1, arguments.length);
        Process process =
                new ProcessBuilder(command)
                        .redirectInput(ProcessBuilder.Redirect.INHERIT)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            process.waitFor(5, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return said;
    }
}
