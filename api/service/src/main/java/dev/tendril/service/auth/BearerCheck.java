package dev.tendril.service.auth;

import io.micronaut.http.HttpRequest;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.security.authentication.Authentication;
import io.micronaut.security.token.validator.TokenValidator;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/// Micronaut Security's view of [Callers]: the framework reads the bearer token, we say whose it
/// is. What was found out seconds ago is answered at once; otherwise it may ask the database and
/// therefore leaves the event loop.
@Singleton
final class BearerCheck implements TokenValidator<HttpRequest<?>> {

    private static final String WORKER_TOKEN_PREFIX = "tnd_";

    private final Callers callers;
    private final Scheduler blocking;

    BearerCheck(Callers callers, @Named(TaskExecutors.BLOCKING) ExecutorService blocking) {
        this.callers = callers;
        this.blocking = Schedulers.fromExecutorService(blocking);
    }

    @Override
    public Publisher<Authentication> validateToken(String token, @Nullable HttpRequest<?> request) {
        if (token.startsWith(WORKER_TOKEN_PREFIX)) {
            return Mono.empty();
        }
        return switch (callers.known(token)) {
            case Visitor visitor -> Mono.just(of(visitor));
            case WorkerIdentity worker -> Mono.just(of(worker));
            case null, default ->
                    Mono.<Authentication>fromCallable(() -> authenticate(token))
                            .subscribeOn(blocking);
        };
    }

    private @Nullable Authentication authenticate(String token) {
        Visitor visitor = callers.visitor(token);
        if (visitor != null) {
            return of(visitor);
        }
        WorkerIdentity worker = callers.worker(token);
        return worker == null ? null : of(worker);
    }

    private static Authentication of(Visitor visitor) {
        return caller(visitor.sessionId().toString(), Visitor.ROLE, visitor);
    }

    private static Authentication of(WorkerIdentity worker) {
        return caller(worker.workerId().toString(), WorkerIdentity.ROLE, worker);
    }

    private static Authentication caller(String name, String role, Object caller) {
        return Authentication.build(name, List.of(role), Map.of(CallerBinder.CALLER, caller));
    }
}
