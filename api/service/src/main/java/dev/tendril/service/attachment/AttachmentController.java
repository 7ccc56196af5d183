package dev.tendril.service.attachment;

import dev.tendril.contract.chat.Attachment;
import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.service.auth.ClientAddress;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.auth.WorkerIdentity;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.MediaType;
import io.micronaut.http.ServerHttpRequest;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Get;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import java.time.Duration;

/// Images: in from visitors, out to them and to the worker that answers; see docs/protocol.md.
@Controller("/api/v1")
@ExecuteOn(TaskExecutors.BLOCKING)
final class AttachmentController {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Attachments attachments;
    private final ClientAddress addresses;

    AttachmentController(Attachments attachments, ClientAddress addresses) {
        this.attachments = attachments;
        this.addresses = addresses;
    }

    /// The body is the file itself. What kind it is, its bytes say.
    @Post(uri = "/attachments", consumes = MediaType.ALL)
    @Status(HttpStatus.CREATED)
    @Secured(Visitor.ROLE)
    Attachment take(Visitor visitor, HttpRequest<?> request) throws InterruptedException {
        if (!(request instanceof ServerHttpRequest<?> arriving)) {
            throw ProblemException.of(ErrorCode.INVALID_REQUEST);
        }
        return attachments.take(
                visitor,
                addresses.networkOf(request),
                () -> ArrivingImage.read(arriving.byteBody(), Attachments.BYTES, PATIENCE));
    }

    @Get("/attachments/{id}")
    @Secured(Visitor.ROLE)
    HttpResponse<byte[]> own(
            Visitor visitor, String id, @QueryValue(defaultValue = "full") String size) {
        if (!size.equals("full") && !size.equals("small")) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "size is full or small.");
        }
        return attachments.own(visitor, Attachments.id(id), size.equals("small")).answer();
    }

    @Delete("/attachments/{id}")
    @Status(HttpStatus.NO_CONTENT)
    @Secured(Visitor.ROLE)
    void drop(Visitor visitor, String id) {
        attachments.drop(visitor, Attachments.id(id));
    }

    /// A POST, since the lease's token is a secret and stands in no URL.
    @Post("/runs/{run}/attachments/{id}")
    @Secured(WorkerIdentity.ROLE)
    HttpResponse<byte[]> leased(WorkerIdentity worker, long run, String id, @Body LeaseCall body) {
        return attachments.leased(worker, run, body.leaseToken(), Attachments.id(id)).answer();
    }
}
