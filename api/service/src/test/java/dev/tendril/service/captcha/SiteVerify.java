package dev.tendril.service.captcha;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;

/// A process that answers as Turnstile's and hCaptcha's `siteverify` do, says its port, and ends
/// with its standard input.
final class SiteVerify {

    private SiteVerify() {}

    /// Accepts the token `good` with the secret `s3cret` once; `hang` never gets an answer.
    public static void main(String[] arguments) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        boolean[] spent = new boolean[1];
        server.createContext(
                "/siteverify",
                exchange -> {
                    String form =
                            new String(
                                    exchange.getRequestBody().readAllBytes(),
                                    StandardCharsets.UTF_8);
                    if (form.contains("response=hang")) {
                        return;
                    }
                    boolean good =
                            form.equals("secret=s3cret&response=good&sitekey=k%26y") && !spent[0];
                    spent[0] |= good;
                    byte[] answer =
                            ("{\"success\":" + good + ",\"error-codes\":[]}")
                                    .getBytes(StandardCharsets.UTF_8);
                    exchange.sendResponseHeaders(
                            form.contains("broken") ? 500 : 200, answer.length);
                    exchange.getResponseBody().write(answer);
                    exchange.close();
                });
        server.start();
        System.out.println(server.getAddress().getPort());
        while (System.in.read() >= 0) {
            // until whoever started us lets go
        }
        server.stop(0);
    }
}
