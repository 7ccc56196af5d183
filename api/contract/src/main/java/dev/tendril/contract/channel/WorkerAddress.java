package dev.tendril.contract.channel;

/// Where and whom a device reaches, and as whom. What a device keeps after pairing, with its own
/// key and PSK.
///
/// @param relay the relay's origin as everybody writes it: scheme and host in lower case, the port
///   only if it is not the scheme's own, no path and no slash at the end
/// @param workspace 1 to 64 of `A-Z a-z 0-9 . _ -`
/// @param worker likewise
/// @param device the device's identifier, likewise; the worker gives it with the pairing link
/// @param workerKey the worker's static public key, 32 bytes
public record WorkerAddress(
        String relay, String workspace, String worker, String device, byte[] workerKey) {

    /// @throws IllegalArgumentException for anything that is not canonical
    public WorkerAddress {
        new Prologue(relay, workspace, worker, device, Purpose.SESSION);
        if (workerKey.length != StaticKey.BYTES) {
            throw new IllegalArgumentException("a public key has 32 bytes");
        }
        workerKey = workerKey.clone();
    }

    /// A copy.
    @Override
    public byte[] workerKey() {
        return workerKey.clone();
    }

    Prologue prologue(Purpose purpose) {
        return new Prologue(relay, workspace, worker, device, purpose);
    }

    /// With the key's fingerprint.
    @Override
    public String toString() {
        return "WorkerAddress[%s, %s, %s, %s, %s]"
                .formatted(relay, workspace, worker, device, Fingerprint.ofKey(workerKey));
    }
}
