package dev.tendril.relay.up;

import com.fasterxml.jackson.core.JsonFactory;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Path;

/// What runs, for `--json` and `up.json`.
///
/// @param model the name that the worker announced, `guide` for the built-in one
record Ready(String url, String site, String accessCode, Path dataDir, String model, Pids pids) {
    /// @param postgres 0 when the database is somebody else's
    record Pids(long supervisor, long relay, long worker, long postgres) {}

    String page() {
        return url + "/c/" + site;
    }

    String json() throws IOException {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("url", url);
            json.writeStringField("site", site);
            json.writeStringField("page", page());
            json.writeStringField("accessCode", accessCode);
            json.writeStringField("dataDir", dataDir.toString());
            json.writeStringField("model", model);
            json.writeObjectFieldStart("pids");
            json.writeNumberField("supervisor", pids.supervisor());
            json.writeNumberField("relay", pids.relay());
            json.writeNumberField("worker", pids.worker());
            if (pids.postgres() != 0) {
                json.writeNumberField("postgres", pids.postgres());
            }
            json.writeEndObject();
            json.writeEndObject();
        }
        return text.toString();
    }
}
