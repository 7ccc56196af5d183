package dev.tendril.worker.model;

import io.micronaut.json.JsonMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Clients of model profiles. Profiles at one endpoint share its breaker, for all roles.
public final class Models {
    private final HttpClient http;
    private final JsonMapper json;
    private final Runnable onNamed;
    private final Map<URI, Breaker> breakers = new HashMap<>();
    private final Map<String, ModelClient> clients = new HashMap<>();

    /// @param http must not follow redirects: a key belongs to its endpoint alone
    /// @param json for plain JSON
    /// @param onNamed called when a model's name was learned from its endpoint
    public Models(HttpClient http, JsonMapper json, Runnable onNamed) {
        this.http = http;
        this.json = json;
        this.onNamed = onNamed;
    }

    /// One client that asks the first profile, and the next one when it does not answer.
    ///
    /// @param profiles at least one
    public synchronized ModelClient inOrder(List<ModelProfile> profiles) {
        List<FallbackModel.Choice> choices = new ArrayList<>();
        for (ModelProfile profile : profiles) {
            Breaker breaker =
                    breakers.computeIfAbsent(
                            profile.endpoint().base(), _ -> new Breaker(System::nanoTime));
            ModelClient client = clients.computeIfAbsent(profile.name(), _ -> client(profile));
            choices.add(new FallbackModel.Choice(client, breaker));
        }
        return FallbackModel.of(choices);
    }

    private ModelClient client(ModelProfile profile) {
        return switch (profile.dialect()) {
            case ANTHROPIC ->
                    new PatientModel(new AnthropicClient(profile, http), profile.retries());
            case OPENAI -> {
                var client = new OpenAiClient(profile, http, json);
                client.onNamed(onNamed);
                client.probe();
                yield new PatientModel(client, profile.retries());
            }
        };
    }
}
