package dev.tendril.worker.model;

import io.micronaut.json.tree.JsonNode;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// OpenAI's chat completions.
final class OpenAiDialect implements StreamDialect {
    private final OpenAiClient client;
    private final ModelRequest question;
    private final OpenAiChunks chunks = new OpenAiChunks();
    private boolean complete;

    OpenAiDialect(OpenAiClient client, ModelRequest question) {
        this.client = client;
        this.question = question;
    }

    @Override
    public @Nullable HttpRequest before() {
        return client.name() == null ? client.namesRequest() : null;
    }

    @Override
    public void beforeAnswered(String body) {
        client.learnName(body.isEmpty() ? "{}" : body);
    }

    @Override
    public HttpRequest request() {
        return client.chatRequest(question);
    }

    @Override
    public boolean anotherForm(int status, String body) {
        return status == 400 && body.contains("stream_options") && client.dropUsage();
    }

    @Override
    public void refused(int status) {
        if (status == 404) {
            client.forgetName();
        }
    }

    @Override
    public void accept(String data, Queue<ModelEvent> events) throws ModelFailure {
        if (data.strip().equals("[DONE]")) {
            chunks.done();
            complete = true;
        } else {
            chunks.accept(parse(data), events);
        }
    }

    @Override
    public void acceptWhole(String body, Queue<ModelEvent> events) throws ModelFailure {
        chunks.acceptWhole(parse(body), events);
    }

    private JsonNode parse(String data) throws ModelFailure {
        try {
            return client.parse(data);
        } catch (IOException e) {
            throw new ModelFailure(
                    ModelFault.GARBAGE, client + ": the stream holds something that is no JSON");
        }
    }

    @Override
    public boolean finished() {
        return chunks.finished();
    }

    @Override
    public boolean complete() {
        return complete;
    }

    @Override
    public boolean saidSomething() {
        return chunks.saidSomething();
    }

    @Override
    public String reason() {
        return chunks.reason();
    }

    @Override
    public String errorText(String body) {
        try {
            return OpenAiChunks.errorText(client.parse(body));
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public String toString() {
        return client.toString();
    }
}
