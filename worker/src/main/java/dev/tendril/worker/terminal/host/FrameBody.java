package dev.tendril.worker.terminal.host;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/// A frame's body while it is written: numbers as eight bytes, texts with their length in four.
final class FrameBody {

    private final ByteArrayOutputStream all = new ByteArrayOutputStream();

    FrameBody type(int type) {
        all.write(type);
        return this;
    }

    FrameBody number(long number) {
        all.writeBytes(ByteBuffer.allocate(8).putLong(number).array());
        return this;
    }

    FrameBody text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        all.writeBytes(ByteBuffer.allocate(4).putInt(utf8.length).array());
        all.writeBytes(utf8);
        return this;
    }

    FrameBody bytes(byte[] bytes) {
        all.writeBytes(bytes);
        return this;
    }

    byte[] toBytes() {
        return all.toByteArray();
    }
}
