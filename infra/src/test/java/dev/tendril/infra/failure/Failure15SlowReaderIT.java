package dev.tendril.infra.failure;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tendril.infra.stage.Memory;
import dev.tendril.infra.stub.StubAnswer;
import dev.tendril.infra.visitor.Visitor;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

/// A browser that opens a stream and stops reading: the relay keeps no more than its bound for it,
/// hangs up, and the browser gets the rest when it comes back.
@ResourceLock(FailureScene.LOCK)
@Tag("nightly")
final class Failure15SlowReaderIT {
    private static final int DELTAS = 60_000;
    private static final Pattern ID = Pattern.compile("\nid: ?(\\S+)");

    private final FailureScene scene = FailureScene.get();

    @AfterEach
    void whole() throws Exception {
        scene.assertWhole();
    }

    @Test
    void itIsCutOffAndResumesWithoutAGap() throws Exception {
        Visitor visitor = scene.visitor();
        UUID chat = visitor.openChat();
        String text = FailureScene.text("slow reader", DELTAS, 0);
        double before = Memory.rssMb(scene.relay.process().pid());
        String seen;
        try (var stuck = new Socket()) {
            stuck.setReceiveBufferSize(4096);
            stuck.connect(new InetSocketAddress("127.0.0.1", scene.relay.url().getPort()));
            stuck.getOutputStream().write(request(visitor, chat));
            InputStream in = stuck.getInputStream();
            assertEquals('H', in.read(), "the beginning of an answer");
            visitor.say(chat, text);
            visitor.read(chat).answer("0", FailureScene.LONG);
            awaitCut(stuck);
            seen = rest(in);
        }
        assertFalse(seen.contains("[DONE]"), "it was cut off");
        assertTrue(seen.length() < 4_000_000, "bytes that were kept for it: " + seen.length());
        double grown = Memory.rssMb(scene.relay.process().pid()) - before;
        System.out.printf(
                "Failure15: %d bytes reached the stuck reader, the relay grew by %.0f MiB%n",
                seen.length(), grown);

        var resumed = visitor.read(chat).answer(lastId(seen), FailureScene.SOON);
        String all = StubAnswer.text(1, text, DELTAS);
        assertTrue(all.endsWith(resumed.text()) || resumed.text().length() > 1_000);
        assertEquals(all, visitor.read(chat).answer("0", FailureScene.SOON).text());
    }

    /// Without reading: a connection that the relay has given up refuses what is written to it.
    private static void awaitCut(Socket stuck) {
        FailureScene.soon(
                "the relay to hang up",
                () -> {
                    try {
                        stuck.getOutputStream().write('\n');
                        return false;
                    } catch (IOException _) {
                        return true;
                    }
                });
    }

    private static byte[] request(Visitor visitor, UUID chat) {
        return ("GET /api/v1/chats/%s/stream?after=0 HTTP/1.1\r\nhost: localhost\r\n"
                        + "authorization: Bearer %s\r\naccept: text/event-stream\r\n\r\n")
                .formatted(chat, visitor.grant().token())
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// What is left in the pipe, up to its end.
    private static String rest(InputStream in) {
        var all = new java.io.ByteArrayOutputStream();
        var buffer = new byte[16 * 1024];
        try {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                all.write(buffer, 0, n);
            }
        } catch (IOException _) {
            // A reset is an end, too.
        }
        return all.toString(StandardCharsets.UTF_8);
    }

    private static String lastId(String events) {
        Matcher id = ID.matcher(events.substring(0, events.lastIndexOf("\n\n") + 1));
        String last = "0";
        while (id.find()) {
            last = id.group(1);
        }
        return last;
    }
}
