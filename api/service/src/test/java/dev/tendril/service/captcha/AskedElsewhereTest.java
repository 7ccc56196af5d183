package dev.tendril.service.captcha;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.session.CaptchaOffer;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.serde.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Turnstile and hCaptcha, with a process of ours in their place.
final class AskedElsewhereTest {

    @Test
    void theirWordDecidesAndNoWordLetsNobodyIn() throws Exception {
        Process theirs =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                SiteVerify.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (var said =
                new BufferedReader(
                        new InputStreamReader(theirs.getInputStream(), StandardCharsets.UTF_8))) {
            URI verify = URI.create("http://127.0.0.1:" + said.readLine() + "/siteverify");
            for (String kind : new String[] {"turnstile", "hcaptcha"}) {
                assertEquals(
                        new CaptchaOffer(kind, null, "k&y"), captcha(kind, verify).offer("home"));
            }
            Captcha captcha = captcha("turnstile", verify);
            assertTrue(captcha.accepts("good", "home"));
            assertFalse(captcha.accepts("good", "home"), "they know that it was spent");
            assertFalse(captcha.accepts("bad", "home"));
            assertFalse(captcha.accepts("", "home"));
            assertFalse(captcha.accepts(null, "home"));
            unavailable(captcha, "broken");
            unavailable(captcha, "hang");
        } finally {
            theirs.getOutputStream().close();
            theirs.waitFor();
        }
        unavailable(captcha("hcaptcha", URI.create("http://127.0.0.1:1/siteverify")), "good");
    }

    private static void unavailable(Captcha captcha, String token) {
        var refused = assertThrows(ProblemException.class, () -> captcha.accepts(token, "home"));
        assertEquals(ErrorCode.UNAVAILABLE, refused.code());
    }

    private static Captcha captcha(String kind, URI verify) throws IOException {
        return new AskedElsewhere(kind, "k&y", "s3cret", verify, ObjectMapper.getDefault());
    }
}
