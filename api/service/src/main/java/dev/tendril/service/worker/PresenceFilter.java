package dev.tendril.service.worker;

import dev.tendril.service.auth.WorkerIdentity;
import io.micronaut.core.order.Ordered;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.RequestFilter;
import io.micronaut.http.annotation.ServerFilter;
import io.micronaut.http.filter.ServerFilterPhase;
import io.micronaut.scheduling.TaskExecutors;
import jakarta.inject.Named;
import java.util.concurrent.ExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Every authenticated call of a worker shows that it is there. The call does not wait for the
/// note.
@ServerFilter({"/api/v1/claims", "/api/v1/runs/**"})
final class PresenceFilter implements Ordered {

    private static final Logger LOG = LoggerFactory.getLogger(PresenceFilter.class);

    private final PresenceStore presence;
    private final ExecutorService blocking;

    PresenceFilter(
            PresenceStore presence, @Named(TaskExecutors.BLOCKING) ExecutorService blocking) {
        this.presence = presence;
        this.blocking = blocking;
    }

    @Override
    public int getOrder() {
        return ServerFilterPhase.SECURITY.after();
    }

    @RequestFilter
    void note(HttpRequest<?> request) {
        WorkerIdentity worker = WorkerIdentity.of(request);
        if (worker != null && presence.isDue(worker.workerId())) {
            blocking.execute(() -> {
                try {
                    presence.touch(worker.workerId());
                } catch (RuntimeException e) {
                    LOG.debug("presence not noted", e);
                }
            });
        }
    }
}
