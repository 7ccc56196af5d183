package dev.tendril.contract.problem;

import java.util.Locale;

/// Every error that a caller can get; the wire form is the lower-case name.
///
/// The HTTP status belongs to the code. `detail` texts are sentences for people and may change;
/// programs compare codes.
public enum ErrorCode {
    /// The body is no JSON, or not of the call's shape.
    INVALID_REQUEST(400, "The request is not valid"),
    /// Wrong, unknown, expired, revoked or empty access code, or unknown site: never says which.
    INVALID_CODE(401, "The access code was not accepted"),
    /// No token, or one that is not (or no longer) valid.
    UNAUTHORIZED(401, "Sign in first"),
    /// The refresh secret is spent or the session is over.
    SESSION_ENDED(401, "The session has ended"),
    /// The token is good for other calls, not for this one.
    FORBIDDEN(403, "This token may not do that"),
    /// Unknown, or somebody else's.
    NOT_FOUND(404, "There is nothing here"),
    /// The path exists, the method does not.
    METHOD_NOT_ALLOWED(405, "This method is not allowed here"),
    /// The run's lease is gone: another worker has it, or it ended. Drop the work.
    LEASE_LOST(409, "The lease is gone"),
    /// A batch is missing before this one; `detail` names the number to send next.
    BATCH_GAP(409, "A batch is missing"),
    /// There is nothing to retry, or the chat cannot take another message now.
    CONFLICT(409, "That does not fit the current state"),
    /// The site's text changed, or was not agreed to: show it, then say so.
    CONSENT_REQUIRED(409, "Agree to the site's text first"),
    /// The chat has its maximum of messages or of waiting turns.
    CHAT_FULL(409, "This chat is full"),
    /// The cursor is older than what is retained, or of another epoch: reload the messages.
    CURSOR_EXPIRED(410, "This position is no longer available"),
    /// Message over its limit of characters, or body over its limit of bytes.
    TOO_LARGE(413, "This is too large"),
    /// Not `application/json`.
    UNSUPPORTED_MEDIA_TYPE(415, "Send application/json"),
    /// Empty message.
    MESSAGE_EMPTY(422, "The message is empty"),
    /// Text that no database can keep: NUL or half of a surrogate pair.
    INVALID_TEXT(422, "The text has characters that cannot be stored"),
    /// Not a PNG, JPEG, WebP or GIF image, or a broken one.
    IMAGE_UNREADABLE(422, "This image cannot be read"),
    /// A visitor's own model, or its endpoint, is not allowed, does not answer or refuses.
    MODEL_REFUSED(422, "That model cannot be used"),
    /// Too many tries: show what `POST /api/v1/captcha` offers, and try again.
    CAPTCHA_REQUIRED(428, "Show that you are no machine"),
    /// Too many calls; `Retry-After` says when.
    RATE_LIMITED(429, "Too many requests"),
    /// A fault of ours; the log has the request id.
    INTERNAL(500, "Something went wrong here"),
    /// The database or another part is away; `Retry-After` says when to come back.
    UNAVAILABLE(503, "Not available at the moment");

    private final int status;
    private final String title;

    ErrorCode(int status, String title) {
        this.status = status;
        this.title = title;
    }

    /// HTTP status.
    public int status() {
        return status;
    }

    /// Short, fixed sentence.
    public String title() {
        return title;
    }

    /// As it stands in `code`.
    public String wire() {
        return name().toLowerCase(Locale.ROOT);
    }
}
