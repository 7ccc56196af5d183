package dev.tendril.worker.channel;

import dev.tendril.contract.channel.ChannelFrame;
import dev.tendril.contract.channel.Fingerprint;
import dev.tendril.contract.channel.PairingLink;
import dev.tendril.contract.channel.PairingWindow;
import dev.tendril.contract.channel.Scope;
import dev.tendril.contract.channel.WorkerAddress;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Open pairing links, and the devices that were granted but have not yet said that they stored it.
public final class PairingDesk {

    private static final Logger LOG = LoggerFactory.getLogger(PairingDesk.class);

    /// Links open at once.
    private static final int MOST = 4;

    private static final int PSK_BYTES = 32;

    private final DeviceFile devices;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Window> windows = new ConcurrentHashMap<>();
    private final Map<String, EnrolledDevice> granted = new ConcurrentHashMap<>();

    PairingDesk(DeviceFile devices, InstantSource clock) {
        this.devices = devices;
        this.clock = clock;
    }

    /// The owner, at the worker's machine.
    public interface Owner {
        /// A device used the link; does the owner agree? Asked once, within 10 minutes.
        ///
        /// @param label how the device calls itself
        /// @param digits to compare with the device's
        /// @param fingerprint of the device's key
        boolean agrees(String label, String digits, String fingerprint) throws InterruptedException;

        /// The device stored what it got: it is enrolled.
        void enrolled(EnrolledDevice device);

        /// It came to nothing after the owner was asked.
        void failed(String why);
    }

    /// An open link.
    public final class Window implements AutoCloseable {
        private final PairingWindow window;
        private final Set<Scope> scopes;
        private final Owner owner;

        private Window(PairingWindow window, Set<Scope> scopes, Owner owner) {
            this.window = window;
            this.scopes = Set.copyOf(scopes);
            this.owner = owner;
        }

        /// What to show, once.
        public PairingLink link() {
            return window.link();
        }

        @Override
        public void close() {
            window.close();
            windows.remove(window.link().address().device(), this);
        }
    }

    /// Opens a link.
    ///
    /// @param where relay, workspace, worker and key; the device's identifier is made here
    /// @throws IllegalStateException when four links are open
    Window open(WorkerAddress where, Set<Scope> scopes, Owner owner) {
        windows.values().removeIf(w -> !w.window.admits(w.link().address().device()));
        if (windows.size() >= MOST) {
            throw new IllegalStateException("Too many pairing links are open; close one.");
        }
        byte[] id = new byte[5];
        random.nextBytes(id);
        String device = "d-" + HexFormat.of().formatHex(id);
        PairingLink link =
                PairingLink.create(
                        new WorkerAddress(
                                where.relay(),
                                where.workspace(),
                                where.worker(),
                                device,
                                where.workerKey()));
        Window window = new Window(new PairingWindow(link, clock), scopes, owner);
        windows.put(device, window);
        return window;
    }

    /// Somebody wants to pair.
    ///
    /// @return null when no open link has this identifier
    @Nullable Attempt admit(String device, byte[] key) {
        Window window = windows.get(device);
        return window == null || !window.window.admits(device) ? null : new Attempt(window, key);
    }

    /// A device whose last message of pairing was lost.
    Optional<EnrolledDevice> granted(String device, byte[] key) {
        return Optional.ofNullable(granted.get(device))
                .filter(d -> MessageDigest.isEqual(d.key(), key));
    }

    /// Enrols a device that was granted.
    void enrol(EnrolledDevice device) {
        if (granted.remove(device.id(), device)) {
            try {
                devices.enrol(device);
                LOG.info("Device {} ({}) is enrolled", device.label(), device.id());
            } catch (IOException e) {
                LOG.error("The device {} cannot be enrolled", device.label(), e);
            }
        }
    }

    /// One try to pair.
    final class Attempt {
        private final Window window;
        private final byte[] key;
        private @Nullable EnrolledDevice device;
        private boolean asked;
        private boolean done;

        private Attempt(Window window, byte[] key) {
            this.window = window;
            this.key = key;
        }

        byte[] psk() {
            return window.link().psk();
        }

        /// Uses the link up and asks the owner.
        ///
        /// @return null when the link is used up already or the owner does not agree
        ChannelFrame.@Nullable PairGrant ask(String label, String digits)
                throws InterruptedException {
            if (!window.window.use()) {
                return null;
            }
            asked = true;
            if (!window.owner.agrees(label, digits, Fingerprint.ofKey(key))) {
                asked = false;
                return null;
            }
            byte[] psk = new byte[PSK_BYTES];
            random.nextBytes(psk);
            String id = window.link().address().device();
            EnrolledDevice made =
                    new EnrolledDevice(id, label, key, psk, window.scopes, clock.instant(), null);
            granted.put(id, made);
            device = made;
            return new ChannelFrame.PairGrant(psk, window.scopes);
        }

        void done() {
            EnrolledDevice made = device;
            if (made != null && !done) {
                done = true;
                enrol(made);
                window.owner.enrolled(made);
                window.close();
            }
        }

        void over() {
            if (asked && !done) {
                done = true;
                window.owner.failed(
                        device == null
                                ? "The device left before you answered."
                                : "The device left; it is enrolled if it comes back.");
                window.close();
            }
        }
    }
}
