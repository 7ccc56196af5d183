package dev.tendril.worker.terminal.screen;

/// Splits a program's output into characters, controls and sequences: the state machine of DEC's
/// VT500 as [Williams][w] drew it, over code points, with colons in parameters as xterm.js has them.
///
/// Bounded: 32 parameters and as many sub-parameters, strings of 64 Ki characters; what is longer
/// is ignored as a whole. Bytes that are not UTF-8 are dropped.
///
/// [w]: https://vt100.net/emu/dec_ansi_parser
final class Parser {

    /// What the parser finds.
    interface Handler {
        void print(int codePoint);

        void control(int code);

        /// @param intermediates up to three characters, the first in the highest used byte
        void escape(int intermediates, int last);

        /// @param collected prefix and intermediates, like `intermediates`
        void csi(int collected, int last, Params params);

        void osc(int command, String payload);

        void dcs(int collected, int last, String payload);
    }

    private enum State {
        GROUND,
        ESCAPE,
        ESCAPE_INTERMEDIATE,
        CSI_ENTRY,
        CSI_PARAM,
        CSI_INTERMEDIATE,
        CSI_IGNORE,
        DCS_ENTRY,
        DCS_PARAM,
        DCS_INTERMEDIATE,
        DCS_IGNORE,
        DCS_PASSTHROUGH,
        OSC,
        IGNORED_STRING
    }

    private static final int MAX_STRING = 64 << 10;
    private static final int ESC = 0x1b;
    private static final int CAN = 0x18;
    private static final int SUB = 0x1a;

    private final Handler handler;
    private final Params params = new Params();
    private final StringBuilder string = new StringBuilder();
    private boolean tooLong;
    private State state = State.GROUND;
    private int collected;
    private int dcsLast;
    private int dcsCollected;

    private final Utf8 utf8 = new Utf8();

    Parser(Handler handler) {
        this.handler = handler;
        params.reset();
    }

    /// Whether nothing is half read: only then may a snapshot be taken.
    boolean atGround() {
        return state == State.GROUND && utf8.whole();
    }

    void reset() {
        state = State.GROUND;
        clear();
    }

    void write(byte[] bytes, int offset, int length) {
        for (int i = offset; i < offset + length; i++) {
            int b = bytes[i];
            if (b >= 0 && utf8.whole()) {
                accept(b);
            } else {
                int c = utf8.next(b & 0xff);
                if (c >= 0) {
                    accept(c);
                }
            }
        }
    }

    private void accept(int c) {
        if (state == State.GROUND && (c >= 0x20 && c < 0x7f || c >= 0xa0)) {
            handler.print(c);
            return;
        }
        if (anywhere(c)) {
            return;
        }
        switch (state) {
            case GROUND -> {
                if (c < 0x20) {
                    handler.control(c);
                }
            }
            case ESCAPE -> escape(c);
            case ESCAPE_INTERMEDIATE -> {
                if (c < 0x20) {
                    handler.control(c);
                } else if (c < 0x30) {
                    collected = collected << 8 | c;
                } else if (c < 0x7f) {
                    state = State.GROUND;
                    handler.escape(collected, c);
                } else if (c >= 0xa0) {
                    state = State.GROUND;
                }
            }
            case CSI_ENTRY, CSI_PARAM, CSI_INTERMEDIATE, CSI_IGNORE -> csi(c);
            case DCS_ENTRY, DCS_PARAM, DCS_INTERMEDIATE, DCS_IGNORE -> dcs(c);
            case DCS_PASSTHROUGH -> {
                if (c != 0x7f) {
                    put(c);
                }
            }
            case OSC -> {
                if (c >= 0x20) {
                    put(c);
                }
            }
            case IGNORED_STRING -> {
                if (c >= 0xa0) {
                    state = State.GROUND;
                }
            }
        }
    }

    /// What ends or begins a sequence in any state.
    private boolean anywhere(int c) {
        boolean string = state == State.OSC || state == State.DCS_PASSTHROUGH;
        if (string
                && (c == ESC
                        || c == 0x9c
                        || c == CAN
                        || c == SUB
                        || c == 7 && state == State.OSC)) {
            boolean whole = c != CAN && c != SUB;
            State ended = state;
            state = c == ESC ? State.ESCAPE : State.GROUND;
            finish(ended, whole);
            // Whatever it was, the next character joins nothing before it.
            handler.control(0);
            clear();
            return true;
        }
        if (c == ESC) {
            clear();
            state = State.ESCAPE;
        } else if (c == CAN
                || c == SUB
                || c >= 0x80 && c < 0x98 && c != 0x90
                || c == 0x99
                || c == 0x9a) {
            state = State.GROUND;
            handler.control(c);
        } else if (c == 0x9c) {
            state = State.GROUND;
        } else if (c == 0x9d) {
            beginString();
            state = State.OSC;
        } else if (c == 0x9b) {
            clear();
            state = State.CSI_ENTRY;
        } else if (c == 0x90) {
            clear();
            state = State.DCS_ENTRY;
        } else if (c == 0x98 || c == 0x9e || c == 0x9f) {
            state = State.IGNORED_STRING;
        } else {
            return false;
        }
        return true;
    }

    private void escape(int c) {
        if (c < 0x20) {
            handler.control(c);
            return;
        }
        if (c == 0x7f) {
            return;
        }
        if (c < 0x30) {
            collected = collected << 8 | c;
            state = State.ESCAPE_INTERMEDIATE;
            return;
        }
        switch (c) {
            case '[' -> {
                clear();
                state = State.CSI_ENTRY;
            }
            case ']' -> {
                beginString();
                state = State.OSC;
            }
            case 'P' -> {
                clear();
                state = State.DCS_ENTRY;
            }
            case 'X', '^', '_' -> state = State.IGNORED_STRING;
            default -> {
                state = State.GROUND;
                if (c < 0x7f) {
                    handler.escape(collected, c);
                }
            }
        }
    }

    private void csi(int c) {
        if (c < 0x20) {
            handler.control(c);
        } else if (c == 0x7f) {
            return;
        } else if (c >= 0xa0) {
            if (state != State.CSI_IGNORE) {
                state = State.GROUND;
            }
        } else if (c >= 0x40) {
            boolean ignored = state == State.CSI_IGNORE;
            state = State.GROUND;
            if (!ignored) {
                handler.csi(collected, c, params);
            }
        } else if (state == State.CSI_IGNORE) {
            return;
        } else if (c < 0x30) {
            collected = collected << 8 | c;
            state = State.CSI_INTERMEDIATE;
        } else if (state == State.CSI_INTERMEDIATE) {
            state = State.CSI_IGNORE;
        } else if (c < 0x3c) {
            parameter(c);
            state = State.CSI_PARAM;
        } else if (state == State.CSI_ENTRY) {
            collected = collected << 8 | c;
            state = State.CSI_PARAM;
        } else {
            state = State.CSI_IGNORE;
        }
    }

    private void dcs(int c) {
        if (c < 0x20 || c == 0x7f) {
            return;
        }
        if (c >= 0xa0) {
            if (state != State.DCS_IGNORE) {
                state = State.GROUND;
            }
        } else if (state == State.DCS_IGNORE) {
            return;
        } else if (c >= 0x40) {
            dcsLast = c;
            dcsCollected = collected;
            beginString();
            state = State.DCS_PASSTHROUGH;
        } else if (c < 0x30) {
            collected = collected << 8 | c;
            state = State.DCS_INTERMEDIATE;
        } else if (state == State.DCS_INTERMEDIATE) {
            state = State.DCS_IGNORE;
        } else if (c < 0x3c) {
            parameter(c);
            state = State.DCS_PARAM;
        } else if (state == State.DCS_ENTRY) {
            collected = collected << 8 | c;
            state = State.DCS_PARAM;
        } else {
            state = State.DCS_IGNORE;
        }
    }

    private void parameter(int c) {
        switch (c) {
            case ';' -> params.next();
            case ':' -> params.nextSub();
            default -> params.digit(c - '0');
        }
    }

    private void beginString() {
        string.setLength(0);
        tooLong = false;
    }

    private void put(int c) {
        if (string.length() >= MAX_STRING) {
            tooLong = true;
        } else {
            string.appendCodePoint(c);
        }
    }

    private void finish(State ended, boolean whole) {
        if (!whole || tooLong) {
            return;
        }
        if (ended == State.DCS_PASSTHROUGH) {
            handler.dcs(dcsCollected, dcsLast, string.toString());
            return;
        }
        int semicolon = string.indexOf(";");
        String command = semicolon < 0 ? string.toString() : string.substring(0, semicolon);
        if (command.length() > 0
                && command.length() < 6
                && command.chars().allMatch(d -> d >= '0' && d <= '9')) {
            handler.osc(
                    Integer.parseInt(command),
                    semicolon < 0 ? "" : string.substring(semicolon + 1));
        }
    }

    private void clear() {
        params.reset();
        collected = 0;
    }
}
