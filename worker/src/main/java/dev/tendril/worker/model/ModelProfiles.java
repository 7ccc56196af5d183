package dev.tendril.worker.model;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.Nearest;
import dev.tendril.worker.config.YamlSection;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The models of `worker.yml`.
///
/// ```yaml
/// models:
///   large:
///     endpoint: https://api.example.org/v1
///     dialect: openai             # or anthropic
///     model: large-2              # default: the first that the endpoint lists
///     key_file: keys/large        # relative to worker.yml; or key_env: LARGE_KEY
///     vision: true
///     context: 128000             # tokens of prompt and answer together
///     max_output: 8000
///     timeouts: {first_byte: 120, idle: 60}
///     retries: 3
///     prices: {in: 2.50, cached: 0.25, out: 10, reasoning: 10}
///     extra: {temperature: 0.3}
///   small:
///     endpoint: http://127.0.0.1:11434
/// order: [large, small]           # default: the first one alone
/// ```
///
/// @param all by name, in the order of the file
/// @param order who is asked, and who is asked when that one does not answer, for roles for which
///   the policy names no models
public record ModelProfiles(Map<String, ModelProfile> all, List<String> order) {
    /// No models at all: the guide answers.
    public static final ModelProfiles NONE = new ModelProfiles(Map.of(), List.of());

    private static final int MAX_KEY_BYTES = 8192;
    private static final Set<String> OURS =
            Set.of("model", "messages", "system", "stream", "stream_options", "tools");

    /// Keeps the order.
    public ModelProfiles {
        all = new LinkedHashMap<>(all);
        order = List.copyOf(order);
    }

    /// A single model.
    public static ModelProfiles of(ModelProfile profile) {
        return new ModelProfiles(Map.of(profile.name(), profile), List.of(profile.name()));
    }

    /// Reads the keys `models` and `order`.
    ///
    /// @param top of `worker.yml`
    /// @param folder that key files are relative to
    /// @param environment for keys that stand there
    /// @throws BadFile when something is missing, unknown or out of range
    public static ModelProfiles read(YamlSection top, Path folder, Map<String, String> environment)
            throws BadFile {
        YamlSection models = top.section("models");
        Map<String, ModelProfile> all = new LinkedHashMap<>();
        for (String name : models.keys()) {
            if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
                throw models.wrong(name, "a profile's name has letters, digits, - and _ only");
            }
            all.put(name, profile(name, models.section(name), folder, environment));
        }
        List<String> order = top.list("order");
        for (String name : order) {
            if (!all.containsKey(name)) {
                throw top.wrong("order", unknown(name, all));
            }
        }
        if (order.isEmpty() && !all.isEmpty()) {
            order = List.of(all.keySet().iterator().next());
        }
        return new ModelProfiles(all, order);
    }

    /// The profiles of these names.
    ///
    /// @param names empty for the order of the file
    /// @throws BadFile when there is no such profile
    public List<ModelProfile> named(List<String> names) throws BadFile {
        List<ModelProfile> found = new ArrayList<>();
        for (String name : names.isEmpty() ? order : names) {
            ModelProfile profile = all.get(name);
            if (profile == null) {
                throw new BadFile(unknown(name, all));
            }
            found.add(profile);
        }
        return found;
    }

    private static String unknown(String name, Map<String, ModelProfile> all) {
        return "there is no model profile "
                + name
                + (all.isEmpty()
                        ? "; worker.yml names none"
                        : "; did you mean " + Nearest.to(name, all.keySet()) + "?");
    }

    private static ModelProfile profile(
            String name, YamlSection at, Path folder, Map<String, String> environment)
            throws BadFile {
        at.allow(
                "endpoint",
                "dialect",
                "model",
                "key_file",
                "key_env",
                "vision",
                "context",
                "max_output",
                "timeouts",
                "retries",
                "prices",
                "extra");
        String model = at.word("model", "");
        ModelEndpoint endpoint;
        try {
            endpoint =
                    ModelEndpoint.of(
                            at.word("endpoint", ""),
                            key(at, folder, environment),
                            model.isEmpty() ? null : model);
        } catch (IllegalArgumentException e) {
            throw at.wrong("endpoint", "an endpoint's URL is expected; " + e.getMessage());
        }
        Dialect dialect = dialect(at, endpoint);
        if (dialect == Dialect.ANTHROPIC && model.isEmpty()) {
            throw at.wrong("model", "an Anthropic endpoint needs the name of a model");
        }
        int window = (int) at.number("context", 0, 0, 100_000_000);
        int maxOutput = (int) at.number("max_output", 0, 0, 10_000_000);
        if (window > 0 && maxOutput >= window) {
            throw at.wrong("max_output", "it must be less than context");
        }
        return new ModelProfile(
                name,
                endpoint,
                dialect,
                timeouts(at.section("timeouts")),
                (int) at.number("retries", ModelProfile.RETRIES, 0, 10),
                new ModelTraits(
                        at.flag("vision", false), window, maxOutput, price(at.section("prices"))),
                extra(at));
    }

    private static Dialect dialect(YamlSection at, ModelEndpoint endpoint) throws BadFile {
        return switch (at.word("dialect", endpoint.anthropic() ? "anthropic" : "openai")) {
            case "openai" -> Dialect.OPENAI;
            case "anthropic" -> Dialect.ANTHROPIC;
            default -> throw at.wrong("dialect", "it is openai or anthropic");
        };
    }

    private static ModelTimeouts timeouts(YamlSection at) throws BadFile {
        at.allow("first_byte", "idle");
        return new ModelTimeouts(
                seconds(at, "first_byte", ModelTimeouts.DEFAULT.firstByte()),
                seconds(at, "idle", ModelTimeouts.DEFAULT.idle()));
    }

    private static Duration seconds(YamlSection at, String key, Duration otherwise) throws BadFile {
        return Duration.ofSeconds(at.number(key, otherwise.toSeconds(), 1, 540));
    }

    private static Price price(YamlSection at) throws BadFile {
        at.allow("in", "cached", "out", "reasoning");
        BigDecimal in = at.decimal("in", BigDecimal.ZERO);
        BigDecimal out = at.decimal("out", BigDecimal.ZERO);
        return new Price(in, at.decimal("cached", in), out, at.decimal("reasoning", out));
    }

    private static Map<String, @Nullable Object> extra(YamlSection at) throws BadFile {
        Map<String, @Nullable Object> extra = at.section("extra").values();
        for (String field : extra.keySet()) {
            if (OURS.contains(field)) {
                throw at.wrong("extra", "the worker itself writes the field " + field);
            }
        }
        return extra;
    }

    private static @Nullable String key(
            YamlSection at, Path folder, Map<String, String> environment) throws BadFile {
        String key;
        String from;
        if (at.has("key_file")) {
            from = "key_file";
            Path file = folder.resolve(at.word("key_file", ""));
            try (InputStream in = Files.newInputStream(file)) {
                key = new String(in.readNBytes(MAX_KEY_BYTES), StandardCharsets.UTF_8).strip();
            } catch (IOException e) {
                throw at.wrong("key_file", file + " cannot be read");
            }
        } else if (at.has("key_env")) {
            from = "key_env";
            key = environment.getOrDefault(at.word("key_env", ""), "").strip();
        } else {
            return null;
        }
        if (key.isEmpty()) {
            throw at.wrong(from, "there is no key in it");
        }
        if (!key.chars().allMatch(c -> c > 0x20 && c < 0x7f)) {
            throw at.wrong(from, "the key has characters that no header can carry");
        }
        return key;
    }
}
