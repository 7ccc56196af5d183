package dev.tendril.contract.channel;

/// Why a channel ended. The code travels in the `Close` frame, the name stands in logs and pages.
public enum CloseReason {
    /// Ended by the one who opened it.
    DONE(1, "done"),
    /// The worker's owner said no, at pairing or later.
    REFUSED(2, "refused"),
    /// The device was revoked on the worker.
    REVOKED(3, "revoked"),
    /// The process ends.
    SHUTTING_DOWN(4, "shutting_down"),
    /// The session reached its greatest age; a new handshake continues.
    TOO_OLD(5, "too_old"),

    /// Bytes that no peer of this version writes.
    MALFORMED(16, "malformed"),
    /// Longer than any packet may be.
    OVERSIZE(17, "oversize"),
    /// Another protocol version or cipher suite. There is no negotiation.
    UNSUPPORTED_VERSION(18, "unsupported_version"),
    /// A record of another session.
    OTHER_SESSION(19, "other_session"),
    /// A record of this side's own direction: reflected.
    WRONG_DIRECTION(20, "wrong_direction"),
    /// A record under another key generation.
    WRONG_EPOCH(21, "wrong_epoch"),
    /// A counter that was already accepted.
    REPLAYED(22, "replayed"),
    /// A counter beyond the next one: something was dropped or reordered.
    GAP(23, "gap"),
    /// Authentication of the record failed.
    TAMPERED(24, "tampered"),
    /// Held back for longer than a record lives.
    EXPIRED(25, "expired"),
    /// The peer uses a key for longer than allowed.
    REKEY_OVERDUE(26, "rekey_overdue"),

    /// A frame type this version does not know.
    UNKNOWN_TYPE(32, "unknown_type"),
    /// A stream kind this version does not know.
    UNKNOWN_KIND(33, "unknown_kind"),
    /// A known frame where it may not stand.
    UNEXPECTED_FRAME(34, "unexpected_frame"),
    /// A frame for a stream that is not open, or an identifier used twice.
    STREAM_STATE(35, "stream_state"),
    /// More streams than allowed.
    TOO_MANY_STREAMS(36, "too_many_streams"),
    /// More bytes than were granted.
    CREDIT_EXCEEDED(37, "credit_exceeded"),

    /// A ping stayed without its answer.
    SILENCE(48, "silence"),
    /// Both sides saw different records.
    TRANSCRIPT_MISMATCH(49, "transcript_mismatch"),
    /// The transport ended without a `Close`.
    CUT(50, "cut"),

    /// The handshake did not authenticate: wrong key, wrong secret, wrong prologue or altered
    /// bytes.
    HANDSHAKE_FAILED(64, "handshake_failed"),
    /// A public key of small order, which would make the shared secret zero.
    LOW_ORDER_KEY(65, "low_order_key"),
    /// The peer did not finish or confirm the handshake in time.
    HANDSHAKE_TIMEOUT(66, "handshake_timeout");

    private final int code;
    private final String wireName;

    CloseReason(int code, String wireName) {
        this.code = code;
        this.wireName = wireName;
    }

    /// The byte in the `Close` frame, 1 to 255.
    public int code() {
        return code;
    }

    /// The stable name, lower case with underscores.
    public String wireName() {
        return wireName;
    }

    static CloseReason of(int code) throws Violation {
        for (CloseReason reason : values()) {
            if (reason.code == code) {
                return reason;
            }
        }
        throw new Violation(MALFORMED);
    }
}
