package dev.tendril.worker.link;

/// What opens a link.
///
/// @param bearer the `Authorization` header
/// @param workspace slug of the workspace that the worker serves
/// @param worker the worker's identifier at the relay
public record LinkPass(String bearer, String workspace, String worker) {

    /// Gets a pass when a link is about to be opened.
    public interface Source {
        /// A pass that is good now.
        LinkPass pass() throws RelayAway, CallRefused, InterruptedException;
    }

    @Override
    public String toString() {
        return "LinkPass[***, " + workspace + ", " + worker + "]";
    }
}
