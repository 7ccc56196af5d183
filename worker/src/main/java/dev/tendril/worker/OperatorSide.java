package dev.tendril.worker;

import dev.tendril.contract.channel.PairingLink;
import dev.tendril.contract.channel.Scope;
import dev.tendril.contract.channel.StreamKind;
import dev.tendril.worker.channel.ChannelDesk;
import dev.tendril.worker.channel.DeviceFile;
import dev.tendril.worker.channel.EnrolledDevice;
import dev.tendril.worker.channel.PairingDesk;
import dev.tendril.worker.channel.StreamHandler;
import dev.tendril.worker.link.DeviceLink;
import dev.tendril.worker.link.RelayLink;
import dev.tendril.worker.local.ControlSocket;
import dev.tendril.worker.local.Talk;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the operator reaches of a worker: devices through the link, the command line through the
/// control socket. Only the latter can let a device in.
final class OperatorSide implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OperatorSide.class);

    private final ChannelDesk desk;
    private final DeviceLink link;
    private final @Nullable ControlSocket control;

    private OperatorSide(ChannelDesk desk, DeviceLink link, @Nullable ControlSocket control) {
        this.desk = desk;
        this.link = link;
        this.control = control;
    }

    /// @throws IOException when the channel's key cannot be used
    static OperatorSide start(
            Path dataDir,
            URI relay,
            HttpClient http,
            RelayLink calls,
            Map<StreamKind, StreamHandler> handlers)
            throws IOException {
        ChannelDesk desk = ChannelDesk.open(dataDir, relay, handlers, InstantSource.system());
        DeviceLink link = new DeviceLink(relay, http, calls::pass, desk);
        ControlSocket control = null;
        try {
            control = ControlSocket.listen(dataDir, (request, talk) -> talk(desk, request, talk));
        } catch (IOException e) {
            LOG.warn("No device can be paired: {}", e.getMessage());
        }
        return new OperatorSide(desk, link, control);
    }

    @Override
    public void close() {
        desk.close();
        link.close();
        if (control != null) {
            control.close();
        }
    }

    private static void talk(ChannelDesk desk, Map<String, @Nullable Object> request, Talk talk)
            throws IOException, InterruptedException {
        if ("reload".equals(request.get("do"))) {
            desk.reload();
            talk.say(Map.of("done", true));
        } else if ("pair".equals(request.get("do"))) {
            try {
                pair(desk, DeviceFile.scopes(String.valueOf(request.get("scopes"))), talk);
            } catch (IllegalArgumentException | IllegalStateException e) {
                talk.say(Map.of("failed", String.valueOf(e.getMessage())));
            }
        } else {
            talk.say(Map.of("failed", "This worker does not know that; is it an older one?"));
        }
    }

    /// The link lives as long as the command that shows it.
    private static void pair(ChannelDesk desk, Set<Scope> scopes, Talk talk)
            throws IOException, InterruptedException {
        Asked owner = new Asked(talk);
        try (PairingDesk.Window window = desk.pair(scopes, owner)) {
            PairingLink link = window.link();
            talk.say(
                    Map.of(
                            "link",
                            "tendril:pair#" + link.fragment(),
                            "relay",
                            link.address().relay(),
                            "device",
                            link.address().device()));
            Map<String, @Nullable Object> heard = talk.hear();
            while (heard != null) {
                owner.answer(Boolean.TRUE.equals(heard.get("agree")));
                heard = talk.hear();
            }
            owner.answer(false);
        }
    }

    /// Asks the person in front of `tendril worker pair`.
    private static final class Asked implements PairingDesk.Owner {
        private final Talk talk;
        private final LinkedBlockingQueue<Boolean> answers = new LinkedBlockingQueue<>();

        Asked(Talk talk) {
            this.talk = talk;
        }

        void answer(boolean agree) {
            answers.add(agree);
        }

        @Override
        public boolean agrees(String label, String digits, String fingerprint)
                throws InterruptedException {
            answers.clear();
            say(Map.of("label", label, "digits", digits, "fingerprint", fingerprint));
            Boolean answer = answers.poll(10, TimeUnit.MINUTES);
            return Boolean.TRUE.equals(answer);
        }

        @Override
        public void enrolled(EnrolledDevice device) {
            say(Map.of("enrolled", device.id(), "label", device.label()));
        }

        @Override
        public void failed(String why) {
            say(Map.of("failed", why));
        }

        private void say(Map<String, ?> object) {
            try {
                talk.say(object);
            } catch (IOException e) {
                answers.add(false);
            }
        }
    }
}
