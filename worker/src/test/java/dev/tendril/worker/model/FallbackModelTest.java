package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.chat.Metadata;
import dev.tendril.worker.relay.ModelDouble;
import dev.tendril.worker.relay.Wire;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Several models in order, over real HTTP.
@Timeout(30)
class FallbackModelTest {
    private static final HttpClient HTTP =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private final ModelDouble first = new ModelDouble();
    private final ModelDouble second = new ModelDouble();
    private final long[] now = {0};

    @AfterEach
    void close() throws IOException {
        first.close();
        second.close();
    }

    private static ModelProfile profile(String name, ModelDouble server, ModelTraits traits) {
        return new ModelProfile(
                name,
                ModelEndpoint.of(server.url(), null, name),
                Dialect.OPENAI,
                ModelTimeouts.DEFAULT,
                0,
                traits,
                Map.of());
    }

    private static ModelProfile profile(String name, ModelDouble server) {
        return profile(name, server, ModelTraits.UNKNOWN);
    }

    private ModelClient inOrder(ModelProfile... profiles) {
        return FallbackModel.of(
                Stream.of(profiles)
                        .map(p ->
                                new FallbackModel.Choice(
                                        new OpenAiClient(p, HTTP, Wire.JSON),
                                        new Breaker(() -> now[0])))
                        .toList());
    }

    private static void fails(ModelDouble server) {
        server.then(call -> call.send(500, "application/json", "{}"));
    }

    @Test
    void theNextModelAnswersAndAFailingOneRests() throws Exception {
        fails(first);
        second.then(call -> call.say("from the second"));
        ModelClient fallback = inOrder(profile("m1", first), profile("m2", second));
        for (int i = 0; i < 5; i++) {
            assertEquals("from the second", Answers.text(fallback));
            assertEquals("m2", fallback.info().name());
        }
        assertEquals(3, first.requests().size(), "a model that had failed three times");
    }

    @Test
    void aModelThatRestedIsTriedByOneRequestAndComesBack() throws Exception {
        fails(first);
        second.then(call -> call.say("second"));
        ModelClient fallback = inOrder(profile("m1", first), profile("m2", second));
        for (int i = 0; i < 4; i++) {
            Answers.all(fallback);
        }
        assertEquals(3, first.requests().size());
        now[0] += Duration.ofSeconds(31).toNanos();
        Answers.all(fallback);
        Answers.all(fallback);
        assertEquals(4, first.requests().size());
        now[0] += Duration.ofSeconds(31).toNanos();
        first.then(call -> call.say("first"));
        assertEquals("first", Answers.text(fallback));
        assertEquals("first", Answers.text(fallback));
    }

    @Test
    void afterTheFirstWordNoOtherModelAnswers() {
        first.then(call -> {
            call.begin();
            call.text("Well");
        });
        second.then(call -> call.say("second"));
        ModelClient fallback = inOrder(profile("m1", first), profile("m2", second));
        ModelFailure failure = assertThrows(ModelFailure.class, () -> Answers.all(fallback));
        assertEquals(ModelFault.BROKEN, failure.fault());
        assertEquals(List.of(), second.requests());
    }

    @Test
    void profilesAtOneEndpointShareItsBreaker() throws Exception {
        fails(first);
        second.then(call -> call.say("second"));
        var models = new Models(HTTP, Wire.JSON, () -> {});
        ModelProfile last = profile("other", second);
        ModelClient visitors = models.inOrder(List.of(profile("a", first), last));
        ModelClient operators = models.inOrder(List.of(profile("b", first), last));
        for (int i = 0; i < 3; i++) {
            Answers.all(visitors);
        }
        Answers.all(operators);
        assertEquals(3, first.requests().size(), "the endpoint rests for all");
    }

    @Test
    void eachAnswerTellsWhoGaveIt() throws Exception {
        fails(first);
        second.then(call -> call.say("second"));
        ModelClient fallback = inOrder(profile("m1", first), profile("m2", second));
        try (ModelStream stream = fallback.stream(Answers.HELLO)) {
            stream.next();
            assertEquals("m2", stream.by().info().name());
        }
    }

    @Test
    void theNarrowestWindowCounts() {
        ModelTraits wide = new ModelTraits(true, 100_000, 4_000, Price.FREE);
        ModelTraits narrow = new ModelTraits(false, 8_000, 1_000, Price.FREE);
        ModelTraits traits =
                inOrder(profile("w", first, wide), profile("n", second, narrow)).traits();
        assertEquals(8_000, traits.window());
        assertFalse(traits.vision());
        assertTrue(inOrder(profile("w", first, wide)).traits().vision());
    }

    @Test
    void costsWhatTheTableSays() {
        Price price = new Price(new BigDecimal("3"), new BigDecimal("0.30"), new BigDecimal("15"));
        assertEquals(
                0,
                new BigDecimal("0.00183")
                        .compareTo(price.of(new Metadata.Usage(200L, 100L, 100L, 7L))));
        assertEquals(BigDecimal.ZERO, price.of(null));
        Price dearThoughts =
                new Price(BigDecimal.ONE, BigDecimal.ZERO, BigDecimal.TWO, BigDecimal.TEN);
        assertEquals(
                0,
                new BigDecimal("0.000300")
                        .compareTo(dearThoughts.of(new Metadata.Usage(100L, 60L, 0L, 10L))));
    }
}
