package dev.tendril.worker.attach;

import dev.tendril.contract.channel.ChannelFrame;
import dev.tendril.contract.channel.CloseReason;
import dev.tendril.contract.channel.Fingerprint;
import dev.tendril.contract.channel.Initiator;
import dev.tendril.contract.channel.PairingLink;
import dev.tendril.contract.channel.StaticKey;
import java.time.InstantSource;

/// Pairs this device with a worker, by its one-time link.
public final class Enrolment {

    /// A person compares eight digits and answers.
    private static final int ANSWER_SECONDS = 600;

    private Enrolment() {}

    /// Tells a person what to compare.
    public interface Shows {
        /// @param digits of the session, the same on the worker
        /// @param fingerprint of this device's new key
        void compare(String digits, String fingerprint);
    }

    /// Runs the pairing.
    ///
    /// @param label how this device calls itself
    /// @param keep stores the profile; only then is the worker told
    public static DeviceProfile run(
            PairingLink link,
            String label,
            Dialer dialer,
            InstantSource clock,
            Shows shows,
            Keep keep)
            throws CannotConnect, InterruptedException, java.io.IOException {
        StaticKey key = StaticKey.generate();
        try (DeviceConnection connection =
                DeviceConnection.open(dialer, Initiator.pairing(key, link, clock))) {
            connection.line().send(new ChannelFrame.PairRequest(label));
            shows.compare(connection.line().channel().digits(), Fingerprint.ofKey(key.publicKey()));
            ChannelFrame answer = connection.awaitPairing(ANSWER_SECONDS);
            if (!(answer instanceof ChannelFrame.PairGrant grant)) {
                throw new CannotConnect(
                        connection.reason() == CloseReason.REFUSED
                                ? "The worker's owner said no, or the link was used already."
                                : "The pairing ended: " + connection.reason().wireName() + ".",
                        true);
            }
            DeviceProfile profile = new DeviceProfile(link.address(), key, grant.psk());
            keep.keep(profile);
            connection.line().send(new ChannelFrame.PairDone());
            connection.awaitEnd(2_000);
            return profile;
        }
    }

    /// Stores a profile.
    public interface Keep {
        /// Stores it durably.
        void keep(DeviceProfile profile) throws java.io.IOException;
    }
}
