package dev.tendril.service.attachment;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.problem.ProblemException;
import jakarta.inject.Singleton;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has images decoded and written anew, each in a process of its own that has 512 MiB of heap, no
/// environment and 20 s. One at a time, so that images never cost more than that.
@Singleton
class Darkroom {

    private static final Logger LOG = LoggerFactory.getLogger(Darkroom.class);

    private static final int DEADLINE_SECONDS = 20;
    private static final int PATIENCE_SECONDS = 30;
    private static final int LARGEST_RESULT = 8 * 1024 * 1024;

    private static final List<String> COMMAND =
            List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Xmx512m",
                    "-Xss512k",
                    "-Djava.awt.headless=true",
                    "--enable-native-access=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Developing.class.getName());

    private final Semaphore place = new Semaphore(1, true);

    /// The image of these bytes, whatever kind they are of.
    ///
    /// @throws ProblemException `image_unreadable`, `too_large` (pixels), `unavailable` when too
    ///   many others wait
    Developed develop(byte[] bytes) throws InterruptedException {
        if (ImageKind.of(bytes) == null) {
            throw unreadable();
        }
        if (!place.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw ProblemException.retryLater(ErrorCode.UNAVAILABLE, DEADLINE_SECONDS);
        }
        try {
            return inItsOwnProcess(bytes);
        } catch (IOException e) {
            LOG.atInfo()
                    .addKeyValue("event.action", "image_broke_decoder")
                    .addKeyValue("bytes", bytes.length)
                    .log("an image ended its decoder: {}", e.getMessage());
            throw unreadable();
        } finally {
            place.release();
        }
    }

    private static Developed inItsOwnProcess(byte[] bytes)
            throws IOException, InterruptedException {
        var builder = new ProcessBuilder(COMMAND).redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        Process process = builder.start();
        // A decoder that never ends neither reads nor writes: its end is the end of both.
        Thread watch =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                                    process.destroyForcibly();
                                }
                            } catch (InterruptedException _) {
                                process.destroyForcibly();
                            }
                        });
        try (var out = process.getOutputStream();
                var in = new DataInputStream(new BufferedInputStream(process.getInputStream()))) {
            out.write(bytes);
            out.close();
            return read(in);
        } finally {
            watch.interrupt();
            process.destroyForcibly().waitFor();
        }
    }

    private static Developed read(DataInputStream in) throws IOException {
        int said = in.readUnsignedByte();
        Verdict[] verdicts = Verdict.values();
        if (said >= verdicts.length) {
            throw new IOException("no verdict");
        }
        return switch (verdicts[said]) {
            case DEVELOPED ->
                    new Developed(in.readUTF(), in.readInt(), in.readInt(), block(in), block(in));
            case UNREADABLE -> throw unreadable();
            case TOO_MANY_PIXELS ->
                    throw new ProblemException(
                            ErrorCode.TOO_LARGE,
                            "An image has at most 40 megapixels, as WebP 12 megapixels.");
        };
    }

    private static ProblemException unreadable() {
        return new ProblemException(
                ErrorCode.IMAGE_UNREADABLE, "Send a PNG, JPEG, WebP or GIF image.");
    }

    private static byte[] block(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > LARGEST_RESULT) {
            throw new IOException("result of " + length + " bytes");
        }
        return in.readNBytes(length);
    }
}
