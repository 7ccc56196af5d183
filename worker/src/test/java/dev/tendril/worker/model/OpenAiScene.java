package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.Wire;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/// An OpenAI-compatible client before a server that misbehaves on request.
abstract class OpenAiScene {
    static final HttpClient HTTP =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .build();
    static final ModelRequest HELLO =
            new ModelRequest("Be brief.", List.of(new PromptMessage.User("Hello?")), List.of());

    final ModelDouble server = new ModelDouble();

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    OpenAiClient client(ModelTimeouts timeouts, @Nullable String model) {
        return new OpenAiClient(
                ModelEndpoint.of(server.url(), "sk-test", model), timeouts, HTTP, Wire.JSON);
    }

    OpenAiClient client() {
        return client(ModelTimeouts.DEFAULT, "m");
    }

    static List<ModelEvent> all(ModelClient client) throws ModelFailure, InterruptedException {
        List<ModelEvent> events = new ArrayList<>();
        try (ModelStream stream = client.stream(HELLO)) {
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof ModelEvent.End));
        }
        return events;
    }

    static String text(List<ModelEvent> events) {
        return events.stream()
                .filter(ModelEvent.Text.class::isInstance)
                .map(event -> ((ModelEvent.Text) event).delta())
                .collect(Collectors.joining());
    }

    static ModelFault fault(ModelClient client) {
        return assertThrows(ModelFailure.class, () -> all(client)).fault();
    }
}
