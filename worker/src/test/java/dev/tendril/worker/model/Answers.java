package dev.tendril.worker.model;

import java.util.ArrayList;
import java.util.List;

/// Reads whole answers in tests.
final class Answers {
    static final ModelRequest HELLO =
            new ModelRequest("Be brief.", List.of(new PromptMessage.User("Hello?")), List.of());

    private Answers() {}

    static List<ModelEvent> all(ModelClient client) throws ModelFailure, InterruptedException {
        List<ModelEvent> events = new ArrayList<>();
        try (ModelStream stream = client.stream(HELLO)) {
            do {
                events.add(stream.next());
            } while (!(events.getLast() instanceof ModelEvent.End));
        }
        return events;
    }

    static String text(ModelClient client) throws ModelFailure, InterruptedException {
        StringBuilder text = new StringBuilder();
        for (ModelEvent event : all(client)) {
            if (event instanceof ModelEvent.Text(String delta)) {
                text.append(delta);
            }
        }
        return text.toString();
    }
}
