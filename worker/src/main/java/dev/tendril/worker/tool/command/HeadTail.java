package dev.tendril.worker.tool.command;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/// Keeps the first and the last bytes of a stream and drops what is between them, however long it
/// goes on. Written by one thread, read after that thread has ended or given up.
final class HeadTail {
    private final byte[] head;
    private final byte[] tail;
    private int headBytes;
    private long tailBytes;

    /// @param bytes kept at most, half of them at each end
    HeadTail(int bytes) {
        head = new byte[bytes / 2];
        tail = new byte[bytes / 2];
    }

    /// Reads to the end.
    void drain(InputStream in) {
        byte[] buffer = new byte[16 * 1024];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                accept(buffer, n);
            }
        } catch (IOException e) {
            // The pipe was closed because the call is over.
        }
    }

    private synchronized void accept(byte[] bytes, int count) {
        int first = Math.min(count, head.length - headBytes);
        System.arraycopy(bytes, 0, head, headBytes, first);
        headBytes += first;
        // Only what can still be in the tail at the end is copied.
        int from = Math.max(first, count - tail.length);
        tailBytes += from - first;
        for (int i = from; i < count; i++) {
            tail[(int) (tailBytes++ % tail.length)] = bytes[i];
        }
    }

    /// Whether something was dropped.
    synchronized boolean dropped() {
        return tailBytes > tail.length;
    }

    synchronized String text() {
        int kept = (int) Math.min(tailBytes, tail.length);
        byte[] last = new byte[kept];
        for (int i = 0; i < kept; i++) {
            last[i] = tail[(int) ((tailBytes - kept + i) % tail.length)];
        }
        if (!dropped()) {
            byte[] all = new byte[headBytes + kept];
            System.arraycopy(head, 0, all, 0, headBytes);
            System.arraycopy(last, 0, all, headBytes, kept);
            return new String(all, StandardCharsets.UTF_8);
        }
        return new String(head, 0, headBytes, StandardCharsets.UTF_8)
                + "\n[… "
                + (tailBytes - kept)
                + " bytes left out …]\n"
                + new String(last, StandardCharsets.UTF_8);
    }
}
