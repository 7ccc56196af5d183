package dev.tendril.service.proxy;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.limit.Buckets;
import dev.tendril.service.limit.Buckets.Rate;
import dev.tendril.service.problem.ProblemException;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Flow;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.adapter.JdkFlowAdapter;
import reactor.core.publisher.Flux;
import reactor.util.context.Context;

/// Passes one call on. Two at once and 30 a minute from a visitor, 120 a minute from a network, 64
/// at once in all; an answer has at most 4 MiB, may be silent for 60 s and takes at most 10
/// minutes. When the page lets go, so do we.
@Singleton
final class ModelProxy {

    private static final Rate VISITOR = new Rate("own_models_per_visitor", 30, 30);
    private static final Rate NETWORK = new Rate("own_models_per_network", 120, 120);
    private static final int AT_ONCE = 64;
    private static final int OF_A_VISITOR = 2;
    private static final long ANSWER_BYTES = 4L * 1024 * 1024;
    private static final Duration TO_BEGIN = Duration.ofSeconds(60);
    private static final Duration SILENCE = Duration.ofSeconds(60);
    private static final Duration ALL = Duration.ofMinutes(10);
    private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,512}");

    /// The client says once more that it was cancelled, which we know.
    private static final Consumer<Throwable> QUIET = _ -> {};

    private final EndpointStore endpoints;
    private final Buckets buckets = new Buckets();
    private final Semaphore places = new Semaphore(AT_ONCE);
    private final Map<String, Semaphore> visitors = new ConcurrentHashMap<>();
    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(10))
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    ModelProxy(EndpointStore endpoints) {
        this.endpoints = endpoints;
    }

    List<String> allowed(Visitor visitor) {
        return endpoints.allowed(visitor.workspaceId());
    }

    /// @param path `/models` or `/chat/completions`
    /// @param body null for a GET
    /// @return what the endpoint answers, status 200 alone
    /// @throws ProblemException `model_refused` with what can be said, `rate_limited`,
    ///   `invalid_request`
    Publisher<byte[]> pass(
            Visitor visitor, String network, Wanted wanted, String path, byte @Nullable [] body)
            throws InterruptedException {
        Endpoint endpoint = endpoint(visitor, wanted.endpoint());
        String key = wanted.key();
        if (key != null && !KEY.matcher(key).matches()) {
            throw new ProblemException(
                    ErrorCode.INVALID_REQUEST, "A key has no spaces and at most 512 characters.");
        }
        buckets.take(NETWORK.of(network), network);
        buckets.take(VISITOR, visitor.sessionId().toString());
        endpoint.checkAddresses();
        Runnable leave = enter(visitor);
        try {
            HttpRequest.Builder request =
                    HttpRequest.newBuilder(endpoint.call(path)).timeout(TO_BEGIN);
            if (key != null) {
                request.header("Authorization", "Bearer " + key);
            }
            if (body != null) {
                request.header("Content-Type", "application/json")
                        .header("Accept", "text/event-stream, application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body));
            }
            HttpResponse<Flow.Publisher<List<ByteBuffer>>> answer =
                    http.send(request.build(), HttpResponse.BodyHandlers.ofPublisher());
            if (answer.statusCode() != 200) {
                JdkFlowAdapter.flowPublisherToFlux(answer.body()).take(0).subscribe();
                throw refused(answer.statusCode());
            }
            return limited(answer.body()).doFinally(_ -> leave.run());
        } catch (IOException _) {
            leave.run();
            // Its message may hold an address or what was sent.
            throw new ProblemException(
                    ErrorCode.MODEL_REFUSED, "The endpoint does not answer. Try again later.");
        } catch (ProblemException | InterruptedException e) {
            leave.run();
            throw e;
        }
    }

    private Endpoint endpoint(Visitor visitor, @Nullable String wanted) {
        Endpoint endpoint =
                wanted != null && allowed(visitor).contains(wanted) ? Endpoint.parse(wanted) : null;
        if (endpoint == null) {
            throw new ProblemException(
                    ErrorCode.MODEL_REFUSED, "This site does not allow that endpoint.");
        }
        return endpoint;
    }

    /// @return gives the places back, once
    private Runnable enter(Visitor visitor) {
        String session = visitor.sessionId().toString();
        if (!places.tryAcquire()) {
            throw ProblemException.retryLater(ErrorCode.UNAVAILABLE, 5);
        }
        Semaphore own = visitors.computeIfAbsent(session, _ -> new Semaphore(OF_A_VISITOR));
        if (!own.tryAcquire()) {
            places.release();
            throw ProblemException.retryLater(ErrorCode.RATE_LIMITED, 2);
        }
        var left = new AtomicBoolean();
        return () -> {
            if (left.compareAndSet(false, true)) {
                own.release();
                visitors.computeIfPresent(
                        session, (_, s) -> s.availablePermits() == OF_A_VISITOR ? null : s);
                places.release();
            }
        };
    }

    private static Flux<byte[]> limited(Flow.Publisher<List<ByteBuffer>> body) {
        var passed = new AtomicLong();
        return JdkFlowAdapter.flowPublisherToFlux(body)
                .timeout(SILENCE)
                .take(ALL)
                .concatMapIterable(buffers -> buffers)
                .map(buffer -> {
                    byte[] bytes = new byte[buffer.remaining()];
                    buffer.get(bytes);
                    return bytes;
                })
                .takeWhile(bytes -> passed.addAndGet(bytes.length) <= ANSWER_BYTES)
                .contextWrite(Context.of("reactor.onErrorDropped.local", QUIET));
    }

    private static ProblemException refused(int status) {
        return new ProblemException(
                ErrorCode.MODEL_REFUSED,
                switch (status) {
                    case 401, 403 -> "The endpoint does not accept the key.";
                    case 404 -> "The endpoint does not know the model.";
                    case 429 -> "The endpoint has too much to do, or the key's budget is spent.";
                    default -> "The endpoint refused the request (status " + status + ").";
                });
    }

    /// @param endpoint one that the site allows
    /// @param key the visitor's; null for an endpoint that wants none
    record Wanted(@Nullable String endpoint, @Nullable String key) {
        /// Never the key.
        @Override
        public String toString() {
            return "Wanted[" + endpoint + "]";
        }
    }
}
