package dev.tendril.relay.up;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Which model the worker is told to use.
///
/// @param url of an OpenAI-compatible endpoint; null for the built-in guide
/// @param name of the model there; null lets the worker ask the endpoint
/// @param keyFile with the endpoint's key
/// @param says one line for the box
record ModelChoice(
        @Nullable String url, @Nullable String name, @Nullable Path keyFile, String says) {
    static final String GUIDE = "guide";
    private static final String OLLAMA = "http://127.0.0.1:11434";

    /// What answers where; apart for tests.
    interface Probe {
        /// The body of a 200, or null for anything else.
        @Nullable String get(String url);
    }

    static ModelChoice choose(Up options, Map<String, String> environment, Probe probe) {
        // Asked for by name, the guide wins over a variable that somebody has forgotten.
        var guide = GUIDE.equals(options.model) && options.modelUrl == null;
        var url = guide ? null : first(options.modelUrl, environment.get("TENDRIL_MODEL_URL"));
        var name = first(options.model, environment.get("TENDRIL_MODEL"));
        var keyFile = keyFile(options, environment);
        if (url != null) {
            if (!url.startsWith("http://") && !url.startsWith("https://")) {
                throw new UpFailure(
                        "--model-url takes an http:// or https:// URL, such as " + OLLAMA + "/v1.");
            }
            return new ModelChoice(url, name, keyFile, "at " + withoutUserInfo(url));
        }
        if (!GUIDE.equals(name)) {
            var found = ollamaModel(probe.get(OLLAMA + "/api/tags"), name);
            if (found != null) {
                return new ModelChoice(
                        OLLAMA + "/v1", found, null, "by the Ollama on this machine");
            }
            if (name != null) {
                throw new UpFailure(
                        "No Ollama on this machine has a model '"
                                + name
                                + "'; name its endpoint with --model-url.");
            }
        }
        return new ModelChoice(null, null, null, "built in, no language model");
    }

    /// The worker's options for this choice.
    List<String> workerOptions() {
        var all = new ArrayList<String>();
        if (url != null) {
            all.addAll(List.of("--model-url", url));
        }
        if (name != null) {
            all.addAll(List.of("--model", name));
        }
        if (keyFile != null) {
            all.addAll(List.of("--model-key-file", keyFile.toString()));
        }
        return all;
    }

    private static @Nullable Path keyFile(Up options, Map<String, String> environment) {
        var named = environment.get("TENDRIL_MODEL_KEY_FILE");
        var file =
                options.modelKeyFile != null
                        ? options.modelKeyFile
                        : named == null || named.isBlank() ? null : Path.of(named);
        if (file != null && !Files.isReadable(file)) {
            throw new UpFailure("The model's key file " + file + " cannot be read.");
        }
        return file == null ? null : file.toAbsolutePath();
    }

    /// The named model, else the first that is no embedding model; null when there is none.
    private static @Nullable String ollamaModel(@Nullable String tags, @Nullable String wanted) {
        if (tags == null) {
            return null;
        }
        try {
            var names = Json.strings(tags, "name");
            return names.stream()
                    .filter(name ->
                            wanted == null
                                    ? !name.contains("embed")
                                    : name.equals(wanted) || name.equals(wanted + ":latest"))
                    .findFirst()
                    .orElse(null);
        } catch (IOException e) {
            return null;
        }
    }

    private static String withoutUserInfo(String url) {
        return url.replaceFirst("//[^/@]*@", "//");
    }

    private static @Nullable String first(@Nullable String option, @Nullable String variable) {
        return option != null && !option.isBlank()
                ? option
                : variable != null && !variable.isBlank() ? variable : null;
    }
}
