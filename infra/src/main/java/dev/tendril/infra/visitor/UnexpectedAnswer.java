package dev.tendril.infra.visitor;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;

/// The relay answered, with another status than the caller hoped for.
public final class UnexpectedAnswer extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    UnexpectedAnswer(HttpResponse<?> answer, byte[] body) {
        super(
                answer.request().method()
                        + " "
                        + answer.uri().getPath()
                        + " gave "
                        + answer.statusCode()
                        + ": "
                        + new String(body, StandardCharsets.UTF_8));
        this.status = answer.statusCode();
    }

    /// HTTP status.
    public int status() {
        return status;
    }
}
