package dev.tendril.service.chat;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What letters and transcripts say, in one of the pages' languages.
record MailWords(String language, Map<String, String> words) {

    private static final Map<String, MailWords> ALL =
            Stream.of("en", "de", "es", "ja", "ar")
                    .collect(Collectors.toUnmodifiableMap(Function.identity(), MailWords::read));

    MailWords {
        words = Map.copyOf(words);
    }

    static MailWords english() {
        return Objects.requireNonNull(ALL.get("en"));
    }

    /// @param tag such as `de-AT`; English for what we do not speak
    static MailWords of(@Nullable String tag) {
        String base = tag == null ? "en" : tag.split("-", 2)[0].toLowerCase(Locale.ROOT);
        MailWords found = ALL.get(base);
        return found == null ? english() : found;
    }

    /// The text with its variables filled in, as `{name}`.
    String say(String key, String... namesAndValues) {
        String text = words.get(key);
        if (text == null) {
            throw new IllegalArgumentException("no words for " + key);
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            text = text.replace("{" + namesAndValues[i] + "}", namesAndValues[i + 1]);
        }
        return text;
    }

    String direction() {
        return language.equals("ar") ? "rtl" : "ltr";
    }

    private static MailWords read(String language) {
        String path = "/mail/" + language + ".properties";
        try (var in = MailWords.class.getResourceAsStream(path)) {
            var properties = new Properties();
            properties.load(new InputStreamReader(Objects.requireNonNull(in, path), UTF_8));
            return new MailWords(
                    language,
                    properties.stringPropertyNames().stream()
                            .collect(
                                    Collectors.toMap(
                                            Function.identity(), properties::getProperty)));
        } catch (IOException e) {
            throw new UncheckedIOException(path, e);
        }
    }
}
