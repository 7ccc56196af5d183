package dev.tendril.worker.terminal.host;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// What a worker and its PTY host say to each other: a length (u32), a type byte, fields. Frozen: a
/// host outlives the worker that started it, so a new type is added, none is changed.
public sealed interface HostFrame {

    /// The first frame of both.
    int VERSION = 1;

    /// The longest frame: a keyframe.
    int MOST_BYTES = 16 << 20;

    /// `01`, both: which version of this is spoken.
    record Hello(int version) implements HostFrame {}

    /// `02`, worker: start a program.
    record Spawn(String id, String name, int columns, int rows, String folder, List<String> command)
            implements HostFrame {}

    /// `03`, host: what there is of a session, on hello, on spawn and when it ends.
    ///
    /// @param first the first byte of output that is kept
    /// @param end the offset after the last byte of output
    /// @param typed bytes of input taken so far
    /// @param exit -1 while it runs
    record Session(
            String id,
            String name,
            int columns,
            int rows,
            long createdAtMillis,
            long pid,
            long first,
            long end,
            long typed,
            int exit)
            implements HostFrame {}

    /// `04`, host: it could not be started.
    record Failed(String id, String reason) implements HostFrame {}

    /// `05`, worker: send output from here on.
    record Follow(String id, long from) implements HostFrame {}

    /// `06`, host: output. An offset beyond the one that was due is a gap.
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Output(String id, long offset, byte[] bytes) implements HostFrame {}

    /// `07`, worker: input. Bytes before `typed` are dropped: they were written already.
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Input(String id, long offset, byte[] bytes) implements HostFrame {}

    /// `08`, host: the program has taken input up to here.
    record Typed(String id, long total) implements HostFrame {}

    /// `09`, worker.
    record Resize(String id, int columns, int rows) implements HostFrame {}

    /// `0a`, worker: stop or go on reading the program's output.
    record Pause(String id, boolean paused) implements HostFrame {}

    /// `0b`, both: a screen at an offset. The worker gives it for safekeeping; the host gives it
    /// back before the output that follows.
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Keyframe(String id, long offset, int columns, int rows, byte[] screen)
            implements HostFrame {}

    /// `0c`, worker.
    record Rename(String id, String name) implements HostFrame {}

    /// `0d`, worker: end the program and all that it started; forget the session when it has ended.
    record End(String id) implements HostFrame {}

    /// `0e`, host: all output up to the end has been sent.
    record Exited(String id, long end, int exit) implements HostFrame {}

    /// `0f`, worker: end all sessions, then yourself.
    record Leave() implements HostFrame {}

    /// Writes a frame.
    default void write(DataOutputStream out) throws IOException {
        FrameBody b = new FrameBody();
        switch (this) {
            case Hello f -> b.type(1).number(f.version());
            case Spawn f -> {
                b.type(2).text(f.id()).text(f.name()).number(f.columns()).number(f.rows());
                b.text(f.folder()).number(f.command().size());
                f.command().forEach(b::text);
            }
            case Session f -> {
                b.type(3).text(f.id()).text(f.name()).number(f.columns()).number(f.rows());
                b.number(f.createdAtMillis()).number(f.pid()).number(f.first()).number(f.end());
                b.number(f.typed()).number(f.exit());
            }
            case Failed f -> b.type(4).text(f.id()).text(f.reason());
            case Follow f -> b.type(5).text(f.id()).number(f.from());
            case Output f -> b.type(6).text(f.id()).number(f.offset()).bytes(f.bytes());
            case Input f -> b.type(7).text(f.id()).number(f.offset()).bytes(f.bytes());
            case Typed f -> b.type(8).text(f.id()).number(f.total());
            case Resize f -> b.type(9).text(f.id()).number(f.columns()).number(f.rows());
            case Pause f -> b.type(10).text(f.id()).number(f.paused() ? 1 : 0);
            case Keyframe f -> {
                b.type(11).text(f.id()).number(f.offset()).number(f.columns()).number(f.rows());
                b.bytes(f.screen());
            }
            case Rename f -> b.type(12).text(f.id()).text(f.name());
            case End f -> b.type(13).text(f.id());
            case Leave _ -> b.type(15);
            case Exited f -> b.type(14).text(f.id()).number(f.end()).number(f.exit());
        }
        byte[] body = b.toBytes();
        out.writeInt(body.length);
        out.write(body);
        out.flush();
    }

    /// Reads the next frame.
    ///
    /// @throws IOException at the end, and for what [#write] would not write
    static HostFrame read(DataInputStream from) throws IOException {
        int length = from.readInt();
        if (length < 1 || length > MOST_BYTES + 1024) {
            throw new IOException("a frame of " + length + " bytes");
        }
        byte[] body = new byte[length];
        from.readFully(body);
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(body));
        return switch (in.readUnsignedByte()) {
            case 1 -> new Hello((int) in.readLong());
            case 2 -> {
                String id = text(in);
                String name = text(in);
                int columns = (int) in.readLong();
                int rows = (int) in.readLong();
                String folder = text(in);
                int count = (int) in.readLong();
                List<String> command = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    command.add(text(in));
                }
                yield new Spawn(id, name, columns, rows, folder, command);
            }
            case 3 ->
                    new Session(
                            text(in),
                            text(in),
                            (int) in.readLong(),
                            (int) in.readLong(),
                            in.readLong(),
                            in.readLong(),
                            in.readLong(),
                            in.readLong(),
                            in.readLong(),
                            (int) in.readLong());
            case 4 -> new Failed(text(in), text(in));
            case 5 -> new Follow(text(in), in.readLong());
            case 6 -> new Output(text(in), in.readLong(), in.readAllBytes());
            case 7 -> new Input(text(in), in.readLong(), in.readAllBytes());
            case 8 -> new Typed(text(in), in.readLong());
            case 9 -> new Resize(text(in), (int) in.readLong(), (int) in.readLong());
            case 10 -> new Pause(text(in), in.readLong() != 0);
            case 11 ->
                    new Keyframe(
                            text(in),
                            in.readLong(),
                            (int) in.readLong(),
                            (int) in.readLong(),
                            in.readAllBytes());
            case 12 -> new Rename(text(in), text(in));
            case 13 -> new End(text(in));
            case 14 -> new Exited(text(in), in.readLong(), (int) in.readLong());
            case 15 -> new Leave();
            default -> throw new IOException("a frame that this version does not know");
        };
    }

    private static String text(DataInputStream in) throws IOException {
        byte[] utf8 = new byte[in.readInt()];
        in.readFully(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
