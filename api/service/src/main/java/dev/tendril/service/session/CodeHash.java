package dev.tendril.service.session;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import jakarta.inject.Singleton;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/// Argon2id of access codes, m=19456 KiB, t=2, p=1 (OWASP's second choice; ASVS 6.5.2), in the PHC
/// string form. A hash takes about 0.1 s of one core and 19 MiB, so at most two run at a time and
/// 16 wait; whoever finds no place, or whose turn has not come after 0.9 s, is told to come back.
///
/// They run on platform threads: on virtual ones they would hold all carriers of a small machine,
/// and every other call would wait behind them.
@Singleton
public final class CodeHash {

    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;
    private static final int AT_ONCE = 2;
    private static final int WAITING = 16;
    private static final Duration LONGEST_WAIT = Duration.ofMillis(900);
    private static final String PREFIX = "$argon2id$v=19$m=19456,t=2,p=1$";

    /// A well-formed hash that no code has: compared with when there is no row, so that an unknown
    /// code costs what a wrong one costs.
    static final String DUMMY =
            PREFIX + "dGVuZHJpbC1ub2JvZHktMQ$" + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    private final ThreadPoolExecutor hashers =
            new ThreadPoolExecutor(
                    AT_ONCE,
                    AT_ONCE,
                    30,
                    TimeUnit.SECONDS,
                    new ArrayBlockingQueue<>(WAITING),
                    Thread.ofPlatform().daemon().name("argon2-", 0).priority(3).factory());
    private final SecureRandom random = new SecureRandom();
    private final AtomicLong hashes = new AtomicLong();

    /// The hash to store for a new code. For the operator's own commands: waits for nobody.
    public String of(AccessCode code) {
        byte[] salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        var base64 = Base64.getEncoder().withoutPadding();
        return PREFIX
                + base64.encodeToString(salt)
                + "$"
                + base64.encodeToString(compute(code.secret(), salt));
    }

    /// Whether `stored` is the hash of this secret. Takes the same time either way.
    ///
    /// @throws ProblemException `unavailable` when too many wait
    boolean matches(String secret, String stored) {
        if (!stored.startsWith(PREFIX)) {
            throw new IllegalStateException("stored hash has other parameters");
        }
        String[] saltAndHash = stored.substring(PREFIX.length()).split("\\$", 2);
        byte[] salt = Base64.getDecoder().decode(saltAndHash[0]);
        byte[] hash = Base64.getDecoder().decode(saltAndHash[1]);
        return MessageDigest.isEqual(hash, argon2id(secret, salt));
    }

    /// Hashes computed so far.
    long hashes() {
        return hashes.get();
    }

    private byte[] argon2id(String secret, byte[] salt) {
        var hash = new FutureTask<>(() -> compute(secret, salt));
        try {
            hashers.execute(hash);
        } catch (RejectedExecutionException e) {
            throw ProblemException.retryLater(ErrorCode.UNAVAILABLE, 1);
        }
        try {
            return await(hash);
        } catch (TimeoutException e) {
            throw ProblemException.retryLater(ErrorCode.UNAVAILABLE, 1);
        } catch (InterruptedException e) {
            hash.cancel(false);
            Thread.currentThread().interrupt();
            throw ProblemException.retryLater(ErrorCode.UNAVAILABLE, 1);
        } catch (ExecutionException e) {
            throw new IllegalStateException(e.getCause());
        }
    }

    /// Once a hash is being computed it is waited for, however slow the machine.
    private byte[] await(FutureTask<byte[]> hash)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return hash.get(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            if (hashers.remove(hash)) {
                throw e;
            }
            return hash.get();
        }
    }

    private byte[] compute(String secret, byte[] salt) {
        var argon2 = new Argon2BytesGenerator();
        argon2.init(
                new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                        .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                        .withMemoryAsKB(MEMORY_KIB)
                        .withIterations(PASSES)
                        .withParallelism(1)
                        .withSalt(salt)
                        .build());
        byte[] hash = new byte[HASH_BYTES];
        argon2.generateBytes(secret.getBytes(US_ASCII), hash);
        hashes.incrementAndGet();
        return hash;
    }
}
