package dev.tendril.worker.attach;

import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.StreamEnd;
import dev.tendril.worker.channel.ChannelStream;
import dev.tendril.worker.terminal.session.TerminalFrame;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A person's terminal on a session: output to the screen, keys to the program, until one of them
/// ends or the person leaves with Ctrl-]. A connection that is cut is made again; what was typed
/// meanwhile is not sent later, since nobody can know whether the last keys arrived.
public final class Attachment {

    private static final int LEAVE = 0x1d;
    private static final int TRIES = 40;

    private final String session;
    private final boolean watch;
    private final TextTerminal terminal;
    private final Connects connects;
    private volatile @Nullable ChannelStream stream;
    private volatile boolean left;
    private volatile int exit = -1;
    private volatile @Nullable String refused;
    private volatile long have = -1;
    private long sent;
    private QueryFilter filter = new QueryFilter();

    /// Makes a new connection.
    public interface Connects {
        /// Connects.
        WorkerClient connect() throws CannotConnect, InterruptedException;
    }

    /// @param session its identifier
    /// @param watch look, never type
    public Attachment(String session, boolean watch, TextTerminal terminal, Connects connects) {
        this.session = session;
        this.watch = watch;
        this.terminal = terminal;
        this.connects = connects;
    }

    /// Runs until the end.
    ///
    /// @return the program's exit value, or -1 when the person left
    /// @throws CannotConnect when the worker says no
    public int run() throws CannotConnect, InterruptedException {
        Thread.ofPlatform().daemon().name("keys").start(this::keys);
        int failures = 0;
        while (!left && exit < 0) {
            try (WorkerClient client = connects.connect()) {
                failures = 0;
                once(client);
                String why = refused;
                if (why != null) {
                    throw new CannotConnect(why, true);
                }
                if (!left && exit < 0) {
                    CloseReason reason = client.connection().reason();
                    if (reason == CloseReason.REVOKED) {
                        throw new CannotConnect("This device was revoked.", true);
                    }
                    terminal.say("connection cut (" + reason.wireName() + "), reconnecting…");
                    // Our own line stands on the screen now: what comes next must draw all of it.
                    have = -1;
                }
            } catch (CannotConnect e) {
                if (e.lasting() || ++failures >= TRIES) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(Math.min(3_000, 100L << Math.min(failures, 5)));
            }
        }
        return exit;
    }

    private void once(WorkerClient client) throws InterruptedException {
        CountDownLatch over = new CountDownLatch(1);
        int[] size = terminal.size();
        Map<String, Object> opening = new LinkedHashMap<>();
        opening.put("session", session);
        opening.put("columns", size[0]);
        opening.put("rows", size[1]);
        opening.put("watch", watch);
        if (have >= 0) {
            opening.put("have", have);
        }
        sent = 0;
        filter = new QueryFilter();
        Screen reader = new Screen(over);
        ChannelStream open = client.attach(opening, reader);
        reader.stream = open;
        stream = open;
        while (!over.await(500, TimeUnit.MILLISECONDS) && !left) {
            int[] now = terminal.size();
            if (!watch && !Arrays.equals(now, size)) {
                size = now;
                open.send(new TerminalFrame.Size(size[0], size[1]).encode());
            }
        }
        stream = null;
    }

    private void keys() {
        byte[] buffer = new byte[4096];
        try {
            int length = terminal.read(buffer);
            while (length >= 0 && !left) {
                for (int i = 0; i < length; i++) {
                    if (buffer[i] == LEAVE) {
                        left = true;
                        return;
                    }
                }
                ChannelStream open = stream;
                if (open != null && !watch) {
                    byte[] bytes = Arrays.copyOf(buffer, length);
                    if (open.send(new TerminalFrame.Input(sent, bytes).encode())) {
                        sent += length;
                    }
                }
                length = terminal.read(buffer);
            }
            left = true;
        } catch (IOException e) {
            left = true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// What the worker shows.
    private final class Screen implements ChannelStream.Reader {
        private final CountDownLatch over;
        private volatile @Nullable ChannelStream stream;

        Screen(CountDownLatch over) {
            this.over = over;
        }

        @Override
        public void message(byte[] message) throws InterruptedException {
            switch (TerminalFrame.decode(message)) {
                case TerminalFrame.Output f -> {
                    terminal.write(filter.pass(f.bytes()));
                    have = f.offset() + f.bytes().length;
                }
                case TerminalFrame.Snapshot f -> {
                    terminal.write(f.screen());
                    have = f.offset();
                }
                case TerminalFrame.Exit f -> exit = f.code();
                case TerminalFrame.Refused f -> refused = f.why();
                case TerminalFrame.State _,
                        TerminalFrame.Typed _,
                        TerminalFrame.Input _,
                        TerminalFrame.Size _ -> {}
            }
            ChannelStream open = stream;
            if (open != null) {
                open.consumed(message.length);
            }
        }

        @Override
        public void closed(StreamEnd end) {
            if (end == StreamEnd.FORBIDDEN) {
                refused = "The worker does not allow it to this device.";
            }
            over.countDown();
        }
    }
}
