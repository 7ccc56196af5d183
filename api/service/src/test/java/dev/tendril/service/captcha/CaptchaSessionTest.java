package dev.tendril.service.captcha;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tendril.contract.session.CaptchaOffer;
import dev.tendril.service.database.DatabaseTest;
import dev.tendril.service.http.Calls;
import dev.tendril.service.http.Calls.Answer;
import io.micronaut.runtime.server.EmbeddedServer;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Asked for only when a network has missed so often that it may be a machine.
@SuppressWarnings("NullAway.Init") // set in server()
@MicronautTest(transactional = false)
final class CaptchaSessionTest extends DatabaseTest {

    @Inject EmbeddedServer server;
    private Calls calls;

    @BeforeAll
    void server() {
        calls = new Calls(server.getURI());
    }

    @Test
    void whoGuessesMustWorkForEachTryAndNobodyElse() {
        Answer last = open("198.51.100.7", "home", null);
        // Ten at once; on a slow machine some more, since one comes back every six seconds.
        for (int i = 0; i < 14 && last.status() == 401; i++) {
            last = open("198.51.100.7", "home", null);
        }
        assertEquals("captcha_required", last.code());
        assertEquals(428, last.status());
        assertEquals(401, open("198.51.100.8", "home", null).status());

        String solved = solved("home");
        assertEquals(428, open("198.51.100.7", "elsewhere", solved).status());
        assertEquals(401, open("198.51.100.7", "home", solved).status(), "looked at the code");
        assertEquals(428, open("198.51.100.7", "home", solved).status(), "spent");
        assertEquals(401, open("198.51.100.7", "home", solved("home")).status());
    }

    private String solved(String site) {
        Answer offer = calls.post("/api/v1/captcha", "{\"site\":\"" + site + "\"}");
        assertEquals(200, offer.status(), offer.body());
        return Solver.solved(Objects.requireNonNull(offer.as(CaptchaOffer.class).challenge()));
    }

    private Answer open(
            String network, String site, @org.jspecify.annotations.Nullable String captcha) {
        String shown = captcha == null ? "" : ",\"captcha\":\"" + captcha + "\"";
        return calls.post(
                "/api/v1/sessions",
                "{\"site\":\"" + site + "\",\"code\":\"K7Q2-9XPM4-T3H8D-WZ5RC\"" + shown + "}",
                "X-Forwarded-For",
                network);
    }
}
