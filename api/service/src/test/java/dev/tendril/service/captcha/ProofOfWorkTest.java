package dev.tendril.service.captcha;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.contract.session.CaptchaOffer;
import dev.tendril.contract.session.CaptchaOffer.Bound;
import dev.tendril.contract.session.CaptchaOffer.Challenge;
import dev.tendril.contract.session.CaptchaOffer.Parameters;
import dev.tendril.contract.session.CaptchaOffer.Solution;
import dev.tendril.service.auth.KeyedHash;
import dev.tendril.service.database.DatabaseTest;
import io.micronaut.core.type.Argument;
import io.micronaut.serde.ObjectMapper;
import io.micronaut.test.extensions.junit5.annotation.MicronautTest;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/// Work counts once, for its site, in time; whatever else is shown does not.
@SuppressWarnings("NullAway.Init") // injected
@MicronautTest(transactional = false)
final class ProofOfWorkTest extends DatabaseTest {

    private static final Path SAMPLE =
            Path.of("../contract/src/test/resources/wire/captcha-altcha.json");

    @Inject KeyedHash keys;
    @Inject SpentStore spent;
    @Inject ObjectMapper json;

    private Instant now = Instant.parse("2026-11-21T12:00:00Z");

    private ProofOfWork proof() {
        return new ProofOfWork(keys, spent, json, () -> now);
    }

    /// Made by ALTCHA's own library.
    @Test
    void theWireIsAltchas() throws Exception {
        Map<String, Object> sample =
                json.readValue(
                        Files.readString(SAMPLE), Argument.mapOf(String.class, Object.class));
        CaptchaOffer.Solved solved =
                json.readValue(Files.readString(SAMPLE), CaptchaOffer.Solved.class);
        Parameters asked = solved.challenge().parameters();
        assertEquals(sample.get("canonical"), ProofOfWork.canonical(asked));
        assertEquals(
                hmac("one", ProofOfWork.canonical(asked).getBytes(StandardCharsets.UTF_8)),
                solved.challenge().signature());
        assertEquals(solved.solution(), Solver.solution(solved.challenge()));
        assertEquals(
                hmac("two", HexFormat.of().parseHex(solved.solution().derivedKey())),
                asked.keySignature());
    }

    /// RFC 7914, section 11: password `passwd`, salt `salt`, one iteration.
    @Test
    void theDerivationIsPbkdf2() {
        assertEquals(
                "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc",
                HexFormat.of()
                        .formatHex(
                                DerivedKey.of(
                                        "pa".getBytes(StandardCharsets.US_ASCII),
                                        0x73737764,
                                        "salt".getBytes(StandardCharsets.US_ASCII),
                                        1)));
    }

    @Test
    void aSolutionIsGoodOnce() throws Exception {
        String solved = Solver.solved(challenge("home"));
        List<Future<Boolean>> tries = new ArrayList<>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 8; i++) {
                tries.add(threads.submit(() -> proof().accepts(solved, "home")));
            }
        }
        int accepted = 0;
        for (Future<Boolean> one : tries) {
            accepted += one.get() ? 1 : 0;
        }
        assertEquals(1, accepted, "at once, on several relays");
        assertFalse(proof().accepts(solved, "home"));
    }

    @Test
    void whatIsLateTamperedForeignOrNoSolutionIsRefused() {
        Challenge challenge = challenge("home");
        Solution solution = Solver.solution(challenge);
        Parameters p = challenge.parameters();
        now = now.plus(ProofOfWork.LIFE).plusSeconds(1);
        assertFalse(proof().accepts(Solver.text(challenge, solution), "home"), "late");
        Challenge prolonged =
                with(
                        p,
                        p.cost(),
                        p.data().site(),
                        p.expiresAt() + 3600,
                        p.keySignature(),
                        challenge);
        assertFalse(proof().accepts(Solver.text(prolonged, solution), "home"), "prolonged");
        now = now.minus(ProofOfWork.LIFE);
        assertFalse(proof().accepts(Solver.text(challenge, solution), "other"), "another site's");
        assertFalse(
                proof().accepts(
                                Solver.text(
                                        with(
                                                p,
                                                p.cost(),
                                                "other",
                                                p.expiresAt(),
                                                p.keySignature(),
                                                challenge),
                                        solution),
                                "other"),
                "moved to another site");
        assertFalse(
                proof().accepts(
                                Solver.text(
                                        with(
                                                p,
                                                1,
                                                "home",
                                                p.expiresAt(),
                                                p.keySignature(),
                                                challenge),
                                        solution),
                                "home"),
                "made cheaper");
        assertFalse(
                proof().accepts(
                                Solver.text(
                                        challenge, new Solution(0, p.keyPrefix() + "0".repeat(32))),
                                "home"),
                "only the prefix");
        Challenge other = challenge("home");
        assertFalse(
                proof().accepts(Solver.text(other, solution), "home"), "another one's solution");
        for (String junk : Arrays.asList(null, "", "junk", "e30=", "bnVsbA==", "A".repeat(9_000))) {
            assertFalse(proof().accepts(junk, "home"), junk);
        }
        assertTrue(proof().accepts(Solver.text(challenge, solution), "home"), "the honest one");
    }

    /// Told, not asserted: the bound of 1 ms is for a quiet machine.
    @Test
    void checkingIsCheap() {
        ProofOfWork proof = proof();
        Challenge challenge = challenge("home");
        Solution wrong = new Solution(7, challenge.parameters().keyPrefix() + "0".repeat(32));
        String text = Solver.text(challenge, wrong);
        long[] nanos = new long[3_000];
        for (int i = 0; i < nanos.length; i++) {
            long begun = System.nanoTime();
            assertFalse(proof.accepts(text, "home"));
            nanos[i] = System.nanoTime() - begun;
        }
        long[] warm = Arrays.copyOfRange(nanos, 1_000, nanos.length);
        Arrays.sort(warm);
        System.out.printf(
                "captcha: a solution is checked in %d µs (p50), %d µs (p95), without its row%n",
                warm[warm.length / 2] / 1_000, warm[warm.length * 95 / 100] / 1_000);
    }

    private Challenge challenge(String site) {
        return Objects.requireNonNull(proof().offer(site).challenge());
    }

    private static Challenge with(
            Parameters p,
            int cost,
            String site,
            long expiresAt,
            String keySignature,
            Challenge signed) {
        return new Challenge(
                new Parameters(
                        p.algorithm(),
                        cost,
                        new Bound(site),
                        expiresAt,
                        p.keyLength(),
                        p.keyPrefix(),
                        keySignature,
                        p.nonce(),
                        p.salt()),
                signed.signature());
    }

    private static String hmac(String secret, byte[] data) throws Exception {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal(data));
    }
}
