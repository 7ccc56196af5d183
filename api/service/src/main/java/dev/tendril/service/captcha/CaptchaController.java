package dev.tendril.service.captcha;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.session.CaptchaOffer;
import dev.tendril.contract.session.WantCaptcha;
import dev.tendril.service.auth.ClientAddress;
import dev.tendril.service.limit.Buckets;
import dev.tendril.service.limit.Buckets.Rate;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Post;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import java.util.regex.Pattern;

/// Hands out what `captcha_required` asks for.
@Controller("/api/v1/captcha")
@Secured(SecurityRule.IS_ANONYMOUS)
@ExecuteOn(TaskExecutors.BLOCKING)
final class CaptchaController {

    private static final Rate OFFERS = new Rate("captchas_per_network", 60, 60);
    private static final Pattern SITE = Pattern.compile("[a-z0-9][a-z0-9-]{0,39}");

    private final Captcha captcha;
    private final ClientAddress addresses;
    private final Buckets buckets = new Buckets();

    CaptchaController(Captcha captcha, ClientAddress addresses) {
        this.captcha = captcha;
        this.addresses = addresses;
    }

    /// Says nothing about whether the site exists.
    @Post
    CaptchaOffer offer(@Body WantCaptcha wanted, HttpRequest<?> http) {
        String network = addresses.networkOf(http);
        buckets.take(OFFERS.of(network), network);
        CaptchaOffer offer =
                SITE.matcher(wanted.site()).matches() ? captcha.offer(wanted.site()) : null;
        if (offer == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        return offer;
    }
}
