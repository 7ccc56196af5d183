package dev.tendril.worker.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Closing, interrupting, and trying again.
class OpenAiAbortTest extends OpenAiScene {
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingEndsTheConnectionAtOnce(boolean afterHeaders) throws Exception {
        var reached = new CompletableFuture<Boolean>();
        server.then(call -> {
            if (afterHeaders) {
                call.begin();
                call.text("Well");
            }
            reached.complete(true);
            call.awaitClose();
        });
        ModelStream stream = client().stream(HELLO);
        var reader =
                CompletableFuture.runAsync(() -> {
                    try {
                        while (true) {
                            stream.next();
                        }
                    } catch (ModelFailure e) {
                        throw new IllegalStateException(e.fault().name());
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        reached.get(5, TimeUnit.SECONDS);
        long closing = System.nanoTime();
        stream.close();
        server.awaitClose(Duration.ofSeconds(2));
        long ms = TimeUnit.NANOSECONDS.toMillis(server.closedNanos() - closing);
        assertTrue(ms < 500, "closed after " + ms + " ms");
        var end = assertThrows(ExecutionException.class, () -> reader.get(2, TimeUnit.SECONDS));
        assertEquals("ABORTED", end.getCause().getMessage());
    }

    @Test
    void interruptingTheReaderEndsTheConnection() throws Exception {
        var reached = new CompletableFuture<Boolean>();
        server.then(call -> {
            reached.complete(true);
            call.awaitClose();
        });
        Thread reader =
                Thread.ofVirtual()
                        .start(() -> {
                            try (ModelStream stream = client().stream(HELLO)) {
                                stream.next();
                            } catch (ModelFailure | InterruptedException e) {
                                Thread.currentThread().interrupt();
                            }
                        });
        reached.get(5, TimeUnit.SECONDS);
        reader.interrupt();
        server.awaitClose(Duration.ofSeconds(2));
    }

    @Test
    void patienceWhileNothingWasSaid() throws Exception {
        server.then(call -> call.send(503, "text/plain", "loading"))
                .then(call -> call.send(429, "application/json", "{}", "Retry-After: 1"))
                .then(call -> call.say("at last"));
        long start = System.nanoTime();
        assertEquals("at last", text(all(new PatientModel(client()))));
        assertEquals(3, server.requests().size());
        assertTrue(System.nanoTime() - start > 1_000_000_000L, "Retry-After was not kept");
    }

    @Test
    void noPatienceAfterTheFirstWord() throws Exception {
        var heard = new CountDownLatch(1);
        server.then(call -> {
            call.begin();
            call.text("Well");
            // A reset throws away what the other side has not read yet.
            assertTrue(heard.await(10, TimeUnit.SECONDS));
            call.reset();
        });
        try (ModelStream stream = new PatientModel(client()).stream(HELLO)) {
            assertEquals(new ModelEvent.Text("Well"), stream.next());
            heard.countDown();
            assertEquals(ModelFault.BROKEN, assertThrows(ModelFailure.class, stream::next).fault());
        }
        assertEquals(1, server.requests().size());
    }

    @Test
    void noPatienceWithWhatDoesNotPass() {
        server.then(call -> call.send(401, "application/json", "{}"));
        assertEquals(ModelFault.FORBIDDEN, fault(new PatientModel(client())));
        assertEquals(1, server.requests().size());
    }

    @Test
    void noPatienceWithALongWish() {
        server.then(call -> call.send(429, "application/json", "{}", "Retry-After: 600"));
        assertEquals(ModelFault.BUSY, fault(new PatientModel(client())));
        assertEquals(1, server.requests().size());
    }
}
