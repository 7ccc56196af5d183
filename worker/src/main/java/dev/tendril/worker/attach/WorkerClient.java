package dev.tendril.worker.attach;

import dev.tendril.contract.channel.Initiator;
import dev.tendril.contract.channel.StreamEnd;
import dev.tendril.contract.channel.StreamKind;
import dev.tendril.worker.channel.ChannelStream;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A device's channel to its worker, with the requests that it may make.
public final class WorkerClient implements AutoCloseable {

    private static final int ANSWER_SECONDS = 15;

    private final DeviceConnection connection;
    private final LinkedBlockingQueue<byte[]> answers = new LinkedBlockingQueue<>();
    private final ChannelStream requests;

    private WorkerClient(DeviceConnection connection) throws InterruptedException {
        this.connection = connection;
        this.requests =
                connection
                        .line()
                        .open(
                                StreamKind.OPERATOR,
                                new byte[0],
                                new ChannelStream.Reader() {
                                    @Override
                                    public void message(byte[] message) {
                                        answers.add(message);
                                    }

                                    @Override
                                    public void closed(StreamEnd end) {
                                        answers.add(
                                                ("{\"failed\":\"The worker does not allow it: "
                                                                + end.name()
                                                                        .toLowerCase(
                                                                                java.util.Locale
                                                                                        .ROOT)
                                                                + ".\"}")
                                                        .getBytes(StandardCharsets.UTF_8));
                                    }
                                });
    }

    /// Connects.
    ///
    /// @throws CannotConnect with a sentence for people
    public static WorkerClient connect(DeviceProfile profile, Dialer dialer, InstantSource clock)
            throws CannotConnect, InterruptedException {
        DeviceConnection connection =
                DeviceConnection.open(
                        dialer,
                        Initiator.session(profile.key(), profile.address(), profile.psk(), clock));
        try {
            return new WorkerClient(connection);
        } catch (IllegalStateException e) {
            connection.close();
            throw new CannotConnect("The channel ended at once.", false);
        }
    }

    /// The connection.
    public DeviceConnection connection() {
        return connection;
    }

    /// Asks, one request at a time.
    ///
    /// @throws CannotConnect when the worker said no, or nothing
    public synchronized Map<String, @Nullable Object> ask(Map<String, ?> request)
            throws CannotConnect, InterruptedException {
        requests.send(Json.write(request).getBytes(StandardCharsets.UTF_8));
        byte[] answer = answers.poll(ANSWER_SECONDS, TimeUnit.SECONDS);
        if (answer == null) {
            throw new CannotConnect("The worker did not answer.", false);
        }
        requests.consumed(answer.length);
        try {
            Map<String, @Nullable Object> said =
                    Json.readObject(new String(answer, StandardCharsets.UTF_8));
            if (said.get("failed") instanceof String why) {
                throw new CannotConnect(why, true);
            }
            return said;
        } catch (BadJson e) {
            throw new CannotConnect("The worker's answer is unreadable.", false);
        }
    }

    /// Opens a terminal stream.
    ///
    /// @param opening `session`, `columns`, `rows` and perhaps `have` and `watch`
    public ChannelStream attach(Map<String, ?> opening, ChannelStream.Reader reader)
            throws InterruptedException {
        return connection
                .line()
                .open(
                        StreamKind.TERMINAL,
                        Json.write(opening).getBytes(StandardCharsets.UTF_8),
                        reader);
    }

    @Override
    public void close() {
        connection.close();
    }
}
