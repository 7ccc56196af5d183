package dev.tendril.service.share;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.share.CreateShare;
import dev.tendril.contract.share.Share;
import dev.tendril.contract.share.ShareList;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import java.util.UUID;

/// A visitor's calls on their share links; see docs/protocol.md.
@Controller("/api/v1")
@Secured(Visitor.ROLE)
@ExecuteOn(TaskExecutors.BLOCKING)
final class ShareController {

    private final Shares shares;

    ShareController(Shares shares) {
        this.shares = shares;
    }

    @Post("/chats/{id}/share")
    @Status(HttpStatus.CREATED)
    Share create(Visitor visitor, String id, @Body CreateShare wanted) {
        return shares.create(visitor, uuid(id), wanted);
    }

    @Get("/shares")
    ShareList list(Visitor visitor) {
        return shares.list(visitor);
    }

    @Delete("/shares/{id}")
    @Status(HttpStatus.NO_CONTENT)
    void revoke(Visitor visitor, String id) {
        shares.revoke(visitor, uuid(id));
    }

    private static UUID uuid(String text) {
        try {
            return UUID.fromString(text);
        } catch (IllegalArgumentException _) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
    }
}
