package dev.tendril.worker.terminal.session;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// One message on a terminal stream: a type byte and big-endian fields.
public sealed interface TerminalFrame {

    /// `01`, worker: output from `offset` on. A jump ahead without a snapshot does not happen.
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Output(long offset, byte[] bytes) implements TerminalFrame {}

    /// `02`, worker: the whole screen at an offset, as sequences for a terminal of this size.
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Snapshot(long offset, int columns, int rows, byte[] screen) implements TerminalFrame {}

    /// `03`, worker: who is here.
    ///
    /// @param driver whether this viewer is the driver
    /// @param viewers how many there are
    record State(boolean driver, int viewers) implements TerminalFrame {}

    /// `04`, worker: the program has ended. The stream ends after it.
    record Exit(int code) implements TerminalFrame {}

    /// `05`, worker: input up to here was typed.
    record Typed(long total) implements TerminalFrame {}

    /// `06`, worker: this cannot be done, as a sentence for people. The stream ends after it.
    record Refused(String why) implements TerminalFrame {}

    /// `11`, viewer: input. Bytes that were sent before on this stream are not typed twice.
    @SuppressWarnings("ArrayRecordComponent") // never compared as a record
    record Input(long offset, byte[] bytes) implements TerminalFrame {}

    /// `12`, viewer: the size that it has. Applied if it is the driver.
    record Size(int columns, int rows) implements TerminalFrame {}

    /// The message.
    default byte[] encode() {
        return switch (this) {
            case Output f ->
                    head(1, 8 + f.bytes().length).putLong(f.offset()).put(f.bytes()).array();
            case Snapshot f ->
                    head(2, 12 + f.screen().length)
                            .putLong(f.offset())
                            .putShort((short) f.columns())
                            .putShort((short) f.rows())
                            .put(f.screen())
                            .array();
            case State f ->
                    head(3, 3)
                            .put((byte) (f.driver() ? 1 : 0))
                            .putShort((short) f.viewers())
                            .array();
            case Exit f -> head(4, 4).putInt(f.code()).array();
            case Typed f -> head(5, 8).putLong(f.total()).array();
            case Refused f -> {
                byte[] utf8 = f.why().getBytes(StandardCharsets.UTF_8);
                yield head(6, utf8.length).put(utf8).array();
            }
            case Input f ->
                    head(17, 8 + f.bytes().length).putLong(f.offset()).put(f.bytes()).array();
            case Size f ->
                    head(18, 4).putShort((short) f.columns()).putShort((short) f.rows()).array();
        };
    }

    /// Reads a message.
    ///
    /// @throws IllegalArgumentException for anything that [#encode] would not write
    static TerminalFrame decode(byte[] message) {
        ByteBuffer in = ByteBuffer.wrap(message);
        try {
            TerminalFrame frame =
                    switch (in.get()) {
                        case 1 -> new Output(in.getLong(), rest(in));
                        case 2 ->
                                new Snapshot(
                                        in.getLong(),
                                        in.getShort() & 0xffff,
                                        in.getShort() & 0xffff,
                                        rest(in));
                        case 3 -> new State(in.get() != 0, in.getShort() & 0xffff);
                        case 4 -> new Exit(in.getInt());
                        case 5 -> new Typed(in.getLong());
                        case 6 -> new Refused(new String(rest(in), StandardCharsets.UTF_8));
                        case 17 -> new Input(in.getLong(), rest(in));
                        case 18 -> new Size(in.getShort() & 0xffff, in.getShort() & 0xffff);
                        default -> throw new IllegalArgumentException("an unknown frame");
                    };
            if (in.hasRemaining()) {
                throw new IllegalArgumentException("a frame that is too long");
            }
            return frame;
        } catch (java.nio.BufferUnderflowException e) {
            throw new IllegalArgumentException("a frame that is too short", e);
        }
    }

    private static ByteBuffer head(int type, int length) {
        return ByteBuffer.allocate(1 + length).put((byte) type);
    }

    private static byte[] rest(ByteBuffer in) {
        byte[] bytes = new byte[in.remaining()];
        in.get(bytes);
        return bytes;
    }
}
