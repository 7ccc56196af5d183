package dev.tendril.infra.drill;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tendril.infra.house.House;
import dev.tendril.infra.house.Jars;
import dev.tendril.infra.stage.Await;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A device is paired, attaches to a terminal through a relay, and types; worker and relay are
/// killed meanwhile. All with the built programs, in a terminal of its own (`script`).
final class TerminalIT {

    private static final Duration SOON = Duration.ofSeconds(40);

    @TempDir private static Path directory;

    private final Jars jars = Jars.ofThisBuild();

    @Test
    void aTerminalGoesOnWhateverIsKilledAndNothingIsTypedTwice() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "script is not there");
        try (House house = House.open(jars, directory)) {
            House.Relay relay = house.relay("relay");
            relay.start();
            House.Worker worker = house.worker("worker", relay.url());
            worker.start();
            pair();
            try (Talk attached = attach("one", "--", "/bin/sh")) {
                attached.say("PS1=; A=1; echo a$((A+1))b\n");
                attached.awaitText("a2b");
                worker.process().kill();
                attached.awaitText("reconnecting");
                worker.start();
                type(attached, "c");
                relay.process().kill();
                relay.start();
                type(attached, "d");
                assertEquals(1, attached.count("a2b\r\n"), attached.text());
                attached.say("\u001d");
                assertEquals(0, attached.exit());
            }
            assertTrue(run("attach", "--device-dir", devices()).startsWith("one\trunning\t"));
            run("attach", "one", "--close", "--device-dir", devices());
            Await.until(SOON, "closed", () -> run("attach", "--device-dir", devices()).isEmpty());
            assertNothingOfItInLogs(house);
            run("device", "revoke", "laptop", "--data-dir", data());
            assertTrue(refused("attach", "--device-dir", devices()).contains("does not know"));
        }
    }

    /// Types until it is seen: keys that are typed while the connection is cut are not sent later.
    private static void type(Talk attached, String letter) throws Exception {
        int[] tries = {0};
        Await.until(
                SOON,
                letter + " to be seen",
                () -> {
                    attached.say("echo " + letter + "$((A+" + ++tries[0] + "))" + letter + "\n");
                    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(2);
                    while (System.nanoTime() < until) {
                        if (attached.text().contains(letter + (1 + tries[0]) + letter)) {
                            return true;
                        }
                        LockSupport.parkNanos(20_000_000);
                    }
                    return false;
                });
        assertEquals(1, attached.count(letter + (1 + tries[0]) + letter + "\r\n"));
    }

    private void pair() throws Exception {
        try (Talk owner = start(jars.command("worker", "pair", "--no-qr", "--data-dir", data()))) {
            owner.awaitText("Good for 10 minutes");
            String link =
                    owner.text()
                            .lines()
                            .filter(l -> l.startsWith("tendril:pair#"))
                            .findFirst()
                            .orElseThrow();
            try (Talk device =
                    start(
                            jars.command(
                                    "worker",
                                    "enrol",
                                    "--name",
                                    "laptop",
                                    "--device-dir",
                                    devices()))) {
                device.say(link + "\n");
                owner.awaitText("Let it in?");
                device.awaitText("digits");
                String digits = after(owner.text(), "The digits             ");
                assertEquals(digits, after(device.text(), "  digits       "));
                owner.say("y\n");
                assertEquals(0, owner.exit(), owner.text());
                assertEquals(0, device.exit(), device.text());
            }
        }
        assertTrue(run("device", "list", "--data-dir", data()).contains("laptop"));
    }

    private static String after(String text, String label) {
        int at = text.indexOf(label) + label.length();
        return text.substring(at, at + 9);
    }

    private static void assertNothingOfItInLogs(House house) throws IOException {
        assertFalse(house.logs().contains("a2b"), "what was typed or shown is in a log");
    }

    private Talk attach(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(jars.command("worker", "attach"));
        command.addAll(List.of("--device-dir", devices()));
        command.addAll(List.of(arguments));
        return start(
                List.of("/usr/bin/script", "-qfec", String.join(" ", command), "/dev/null"));
    }

    private String run(String... arguments) throws Exception {
        try (Talk talk = start(jars.command("worker", arguments))) {
            int exit = talk.exit();
            assertEquals(0, exit, talk.text());
            return talk.text();
        }
    }

    private String refused(String... arguments) throws Exception {
        try (Talk talk = start(jars.command("worker", arguments))) {
            assertEquals(3, talk.exit(), talk.text());
            return talk.text();
        }
    }

    private static String data() {
        return directory.resolve("worker").toString();
    }

    private static String devices() {
        return directory.resolve("devices").toString();
    }

    private static Talk start(List<String> command) throws IOException {
        return new Talk(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    /// A program and what it has said so far.
    private static final class Talk implements AutoCloseable {
        private final Process process;
        private final OutputStream to;
        private final StringBuffer said = new StringBuffer();
        private final Thread reader;

        Talk(Process process) {
            this.process = process;
            this.to = process.getOutputStream();
            this.reader =
                    Thread.ofPlatform()
                            .daemon()
                            .start(() -> read(process.getInputStream()));
        }

        private void read(InputStream from) {
            byte[] buffer = new byte[8192];
            try {
                int length = from.read(buffer);
                while (length >= 0) {
                    said.append(new String(buffer, 0, length, StandardCharsets.UTF_8));
                    length = from.read(buffer);
                }
            } catch (IOException e) {
                // It has ended.
            }
        }

        void say(String text) throws IOException {
            to.write(text.getBytes(StandardCharsets.UTF_8));
            to.flush();
        }

        String text() {
            return said.toString();
        }

        int count(String what) {
            return text().split(java.util.regex.Pattern.quote(what), -1).length - 1;
        }

        void awaitText(String what) {
            Await.until(
                    SOON,
                    what,
                    () -> {
                        assertTrue(
                                process.isAlive() || text().contains(what),
                                () -> "it ended: " + text());
                        return text().contains(what);
                    });
        }

        int exit() throws InterruptedException {
            assertTrue(process.waitFor(40, TimeUnit.SECONDS), () -> "still there: " + text());
            reader.join(5_000);
            return process.exitValue();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
