package dev.tendril.service.stream;

/// Where a stream stands.
///
/// @param lastSeq last committed frame; 0 when empty
/// @param retainedFrom first frame that can still be read
public record StreamState(String epoch, long lastSeq, long retainedFrom) {

    /// The position after the last frame.
    public Cursor cursor() {
        return new Cursor(epoch, lastSeq);
    }
}
