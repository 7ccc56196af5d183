package dev.tendril.service.worker;

import dev.tendril.service.auth.WorkerIdentity;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.filter.ServerFilterPhase;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.authentication.Authentication;

/// Notes every call of a worker, wherever its controller lives, so that visitors see who is there.
@ServerFilter({"/api/v1/claims", "/api/v1/runs/**"})
final class PresenceFilter implements Ordered {

    private final PresenceStore presence;

    PresenceFilter(PresenceStore presence) {
        this.presence = presence;
    }

    @Override
    public int getOrder() {
        return ServerFilterPhase.SECURITY.after();
    }

    /// Before the call is handled: a long-poll tells that the worker is there while it waits.
    @RequestFilter
    @ExecuteOn(TaskExecutors.BLOCKING)
    void note(HttpRequest<?> request) {
        request.getUserPrincipal(Authentication.class)
                .flatMap(caller ->
                        caller.getAttributes().values().stream()
                                .filter(WorkerIdentity.class::isInstance)
                                .map(WorkerIdentity.class::cast)
                                .findFirst())
                .ifPresent(worker -> presence.touch(worker.workerId()));
    }
}
