package dev.tendril.service.health;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.data.exceptions.DataAccessException;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import java.util.Map;

/// For load balancers: is the process alive, and may it get traffic.
@Controller("/health")
@Secured(SecurityRule.IS_ANONYMOUS)
final class HealthController {

    private final Drain drain;
    private final SchemaStore schema;
    private final SnapshotWatch snapshots;

    HealthController(Drain drain, SchemaStore schema, SnapshotWatch snapshots) {
        this.drain = drain;
        this.schema = schema;
        this.snapshots = snapshots;
    }

    @Get("/live")
    Map<String, String> live() {
        return Map.of("status", "up");
    }

    @Get("/ready")
    @ExecuteOn(TaskExecutors.BLOCKING)
    Map<String, String> ready() {
        if (drain.begun() || !current()) {
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        }
        return snapshots.old()
                ? Map.of("status", "ready", "warning", "old_snapshot")
                : Map.of("status", "ready");
    }

    private boolean current() {
        try {
            return schema.expected().equals(schema.version());
        } catch (DataAccessException _) {
            return false;
        }
    }
}
