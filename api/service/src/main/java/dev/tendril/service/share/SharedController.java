package dev.tendril.service.share;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.share.OpenShare;
import dev.tendril.contract.share.SharedChat;
import dev.tendril.service.attachment.Attachments;
import dev.tendril.service.auth.ClientAddress;
import dev.tendril.service.limit.Buckets;
import dev.tendril.service.limit.Buckets.Rate;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpHeaders;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpResponse;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.QueryValue;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import java.util.Objects;

/// What anybody who has a link may read. The token comes in the body, so that no log of calls has
/// it. A network reads at most 60 times at once and 60 a minute, and may be wrong 20 times, then 10
/// times a minute; whoever is over it is refused whatever the token.
@Controller("/api/v1/shared")
@Secured(SecurityRule.IS_ANONYMOUS)
@ExecuteOn(TaskExecutors.BLOCKING)
final class SharedController {

    private static final Rate READ = new Rate("shared_reads_per_network", 60, 60);
    private static final Rate IMAGES = new Rate("shared_images_per_network", 120, 120);
    private static final Rate WRONG = new Rate("wrong_shares_per_network", 20, 10);

    private final Shares shares;
    private final ClientAddress addresses;
    private final Buckets buckets = new Buckets();

    SharedController(Shares shares, ClientAddress addresses) {
        this.shares = shares;
        this.addresses = addresses;
    }

    /// An image of the chat, when the link shows images.
    @Post("/attachments/{id}")
    HttpResponse<byte[]> image(
            String id,
            @QueryValue(defaultValue = "full") String size,
            @Body OpenShare request,
            HttpRequest<?> http) {
        String network = addresses.networkOf(http);
        buckets.take(IMAGES.of(network), network);
        buckets.check(WRONG.of(network), network);
        try {
            return shares.image(
                            new ShareToken(Objects.requireNonNullElse(request.token(), "")),
                            Attachments.id(id),
                            size.equals("small"))
                    .answer()
                    .header("X-Robots-Tag", "noindex, nofollow");
        } catch (ProblemException e) {
            buckets.spend(WRONG.of(network), network);
            throw e;
        }
    }

    @Post
    HttpResponse<SharedChat> read(@Body OpenShare request, HttpRequest<?> http) {
        String network = addresses.networkOf(http);
        buckets.take(READ.of(network), network);
        buckets.check(WRONG.of(network), network);
        SharedChat chat =
                shares.read(new ShareToken(Objects.requireNonNullElse(request.token(), "")));
        if (chat == null) {
            buckets.spend(WRONG.of(network), network);
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        return HttpResponse.ok(chat)
                .header(HttpHeaders.CACHE_CONTROL, "private, no-store")
                .header("X-Robots-Tag", "noindex, nofollow");
    }
}
