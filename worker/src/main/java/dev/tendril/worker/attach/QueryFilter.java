package dev.tendril.worker.attach;

import java.io.ByteArrayOutputStream;

/// Takes the questions out of a program's output before a person's terminal sees them: the worker's
/// screen has answered, and a second answer would be typed into the program. Everything else passes
/// as it came; sequences may be cut anywhere.
final class QueryFilter {

    private static final int MOST_HELD = 4096;
    private static final int ESC = 0x1b;

    private enum State {
        GROUND,
        ESCAPE,
        CSI,
        STRING,
        STRING_ESCAPE
    }

    private final ByteArrayOutputStream held = new ByteArrayOutputStream();
    private State state = State.GROUND;

    /// What may be shown of this.
    byte[] pass(byte[] bytes) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(bytes.length + 16);
        for (byte b : bytes) {
            accept(b & 0xff, out);
        }
        return out.toByteArray();
    }

    private void accept(int c, ByteArrayOutputStream out) {
        if (state == State.GROUND && c != ESC) {
            out.write(c);
            return;
        }
        held.write(c);
        switch (state) {
            case GROUND -> state = State.ESCAPE;
            case ESCAPE -> {
                if (c == '[') {
                    state = State.CSI;
                } else if (c == ']' || c == 'P') {
                    state = State.STRING;
                } else if (c == 'Z') {
                    drop();
                } else {
                    release(out);
                }
            }
            case CSI -> {
                if (c >= 0x40 && c < 0x7f) {
                    end(out);
                } else if (c == ESC || c == 0x18 || c == 0x1a) {
                    release(out);
                }
            }
            case STRING -> {
                if (c == 7) {
                    end(out);
                } else if (c == ESC) {
                    state = State.STRING_ESCAPE;
                } else if (c == 0x18 || c == 0x1a) {
                    release(out);
                }
            }
            case STRING_ESCAPE -> {
                if (c == '\\') {
                    end(out);
                } else {
                    state = State.STRING;
                }
            }
        }
        if (held.size() > MOST_HELD) {
            release(out);
        }
    }

    private void end(ByteArrayOutputStream out) {
        if (asks(held.toString(java.nio.charset.StandardCharsets.ISO_8859_1))) {
            drop();
        } else {
            release(out);
        }
    }

    private static boolean asks(String sequence) {
        String body = sequence.substring(2);
        char last = body.charAt(body.length() - 1);
        return switch (sequence.charAt(1)) {
            case '[' ->
                    last == 'c'
                            || last == 'n'
                            || body.endsWith("$p")
                            || (last == 'q' && body.startsWith(">"))
                            || (last == 'u' && body.startsWith("?"))
                            || (last == 't' && body.matches("(1[13-9]|2[01]).*"));
            case 'P' -> body.startsWith("$q") || body.startsWith("+q");
            default -> body.matches("(?s)(4;\\d+|1[0-9]|52;[^;]*);\\?.*");
        };
    }

    private void drop() {
        held.reset();
        state = State.GROUND;
    }

    private void release(ByteArrayOutputStream out) {
        out.writeBytes(held.toByteArray());
        drop();
    }
}
