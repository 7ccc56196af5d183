package dev.tendril.service.captcha;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.session.CaptchaOffer;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turnstile or hCaptcha: the page gets a token from them, and they tell us what it is worth. They
/// refuse a token that was used before.
final class AskedElsewhere implements Captcha {

    private static final Logger LOG = LoggerFactory.getLogger(AskedElsewhere.class);

    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final int LONGEST = 4_096;
    private static final long LARGEST_ANSWER = 64 * 1024;

    private final String kind;
    private final String siteKey;
    private final String secret;
    private final URI verify;
    private final ObjectMapper json;
    private final HttpClient http =
            HttpClient.newBuilder()
                    .connectTimeout(PATIENCE)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .build();

    /// @param verify their `siteverify`
    AskedElsewhere(String kind, String siteKey, String secret, URI verify, ObjectMapper json) {
        this.kind = kind;
        this.siteKey = siteKey;
        this.secret = secret;
        this.verify = verify;
        this.json = json;
    }

    @Override
    public CaptchaOffer offer(String site) {
        return new CaptchaOffer(kind, null, siteKey);
    }

    /// @throws ProblemException `unavailable` when they do not answer: nobody is let in then
    @Override
    public boolean accepts(@Nullable String shown, String site) {
        if (shown == null || shown.isBlank() || shown.length() > LONGEST) {
            return false;
        }
        try {
            HttpResponse<byte[]> answer =
                    http.send(
                            request(shown),
                            HttpResponse.BodyHandlers.limiting(
                                    HttpResponse.BodyHandlers.ofByteArray(), LARGEST_ANSWER));
            if (answer.statusCode() != 200) {
                throw new IOException("status " + answer.statusCode());
            }
            Map<String, Object> told =
                    json.readValue(answer.body(), Argument.mapOf(String.class, Object.class));
            return Boolean.TRUE.equals(told.get("success"));
        } catch (IOException e) {
            LOG.atWarn()
                    .addKeyValue("event.action", "captcha_unavailable")
                    .log("{} did not answer: {}", kind, e.getMessage());
            throw ProblemException.retryLater(ErrorCode.UNAVAILABLE, 5);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw ProblemException.of(ErrorCode.UNAVAILABLE);
        }
    }

    private HttpRequest request(String shown) {
        String form =
                "secret="
                        + encoded(secret)
                        + "&response="
                        + encoded(shown)
                        + "&sitekey="
                        + encoded(siteKey);
        return HttpRequest.newBuilder(verify)
                .timeout(PATIENCE)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form))
                .build();
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
