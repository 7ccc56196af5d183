package dev.tendril.contract.link;

/// Why a relay ended a WebSocket of a link. The number is the close code; `docs/protocol.md` says
/// what to do.
public enum LinkCode {
    /// Ended by the one who opened it.
    DONE(1000),
    /// The relay leaves, or the worker: come back.
    LEAVING(1001),
    /// Something that is no frame, a text, or a packet of another size than is allowed.
    MALFORMED(4400),
    /// The worker was revoked.
    UNAUTHORIZED(4401),
    /// A web page tried: links are for programs.
    FORBIDDEN(4403),
    /// The worker has no link now.
    AWAY(4404),
    /// More bytes wait for this side than may.
    SLOW(4408),
    /// Another process of the same worker took this link's place.
    REPLACED(4409),
    /// The worker's link is at another relay, which the reason names.
    ELSEWHERE(4421),
    /// As many devices are connected to this worker as may be.
    TOO_MANY(4429),
    /// Nothing came for too long.
    SILENT(4440);

    private final int code;

    LinkCode(int code) {
        this.code = code;
    }

    /// The WebSocket close code.
    public int code() {
        return code;
    }
}
