package dev.tendril.worker.channel;

import dev.tendril.contract.channel.Initiator;
import dev.tendril.contract.channel.PairingLink;
import dev.tendril.contract.channel.Scope;
import dev.tendril.contract.channel.StreamKind;
import dev.tendril.worker.attach.CannotConnect;
import dev.tendril.worker.attach.DeviceConnection;
import dev.tendril.worker.attach.DeviceProfile;
import dev.tendril.worker.attach.Enrolment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;

/// A worker's desk with one handler that notes what would be typed, and a relay in memory.
final class Bench {

    static final URI RELAY = URI.create("http://127.0.0.1:4711/");

    /// Settable.
    static final class Clock implements InstantSource {
        private volatile Instant now = Instant.parse("2030-01-01T00:00:00Z");

        void advance(Duration by) {
            now = now.plus(by);
        }

        @Override
        public Instant instant() {
            return now;
        }
    }

    final Clock clock = new Clock();
    final Path folder;
    final ChannelDesk desk;
    final Carrier carrier;

    /// What arrived at the worker as typed, from any device.
    final List<String> typed = new CopyOnWriteArrayList<>();

    /// What the owner was asked.
    final List<String> asked = new CopyOnWriteArrayList<>();

    final List<String> told = new CopyOnWriteArrayList<>();
    volatile boolean agrees = true;

    /// A new folder within the build's. No temporary one: the desk may still note when it last saw
    /// a device while a test that is over would delete it.
    static Path folder() {
        try {
            return Files.createTempDirectory(
                    Files.createDirectories(Path.of("target", "channel")), "desk");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Bench(Path folder) throws IOException {
        this(folder, "attic");
    }

    Bench(Path folder, String worker) throws IOException {
        this.folder = folder;
        desk = ChannelDesk.open(folder, RELAY, Map.of(StreamKind.TERMINAL, new Typed()), clock);
        desk.linked("home", worker);
        carrier = new Carrier(desk);
    }

    private final class Typed implements StreamHandler {
        @Override
        public Scope needed() {
            return Scope.TERMINAL;
        }

        @Override
        public ChannelStream.Reader open(
                ChannelStream stream, EnrolledDevice device, byte[] opening) {
            return new ChannelStream.Reader() {
                @Override
                public void message(byte[] message) throws InterruptedException {
                    typed.add(new String(message, StandardCharsets.UTF_8));
                    stream.consumed(message.length);
                    stream.send(message);
                }

                @Override
                public void closed(dev.tendril.contract.channel.StreamEnd end) {}
            };
        }
    }

    final class Owner implements PairingDesk.Owner {
        @Override
        public boolean agrees(String label, String digits, String fingerprint) {
            asked.add(label + " " + digits + " " + fingerprint);
            return agrees;
        }

        @Override
        public void enrolled(EnrolledDevice device) {
            told.add("enrolled " + device.label());
        }

        @Override
        public void failed(String why) {
            told.add("failed " + why);
        }
    }

    PairingLink link(Scope... scopes) {
        return desk.pair(Set.of(scopes), new Owner()).link();
    }

    DeviceProfile enrol(PairingLink link, String label)
            throws CannotConnect, InterruptedException, IOException {
        return Enrolment.run(link, label, carrier, clock, (_, _) -> {}, _ -> {});
    }

    DeviceProfile enrolled(Scope... scopes)
            throws CannotConnect, InterruptedException, IOException {
        return enrol(link(scopes), "laptop");
    }

    DeviceConnection connect(DeviceProfile profile) throws CannotConnect, InterruptedException {
        return DeviceConnection.open(
                carrier, Initiator.session(profile.key(), profile.address(), profile.psk(), clock));
    }

    /// A stream and what comes on it.
    static final class Open implements ChannelStream.Reader {
        final List<String> heard = new CopyOnWriteArrayList<>();
        volatile dev.tendril.contract.channel.StreamEnd end;
        final ChannelStream stream;

        Open(DeviceConnection connection) throws InterruptedException {
            stream = connection.line().open(StreamKind.TERMINAL, new byte[0], this);
        }

        void type(String text) throws InterruptedException {
            stream.send(text.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public void message(byte[] message) throws InterruptedException {
            heard.add(new String(message, StandardCharsets.UTF_8));
            if (stream != null) {
                stream.consumed(message.length);
            }
        }

        @Override
        public void closed(dev.tendril.contract.channel.StreamEnd why) {
            end = why;
        }
    }
}
