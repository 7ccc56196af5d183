package dev.tendril.worker.tool;

import dev.harrel.jsonschema.Error;
import dev.harrel.jsonschema.JsonSchemaException;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import java.net.URI;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Checks arguments against a JSON schema, draft 2020-12. References to other documents are not
/// followed. `pattern` is matched by `java.util.regex`, so only schemas that a person has approved
/// may use it.
final class ArgumentCheck {
    private static final int MAX_COMPLAINTS = 3;

    private final Validator validator;
    private final URI schema;

    /// @throws IllegalArgumentException when the schema is none
    ArgumentCheck(Map<String, @Nullable Object> schema) {
        this.validator =
                new ValidatorFactory()
                        .withJsonNodeFactory(new PlainNode.Factory())
                        .createValidator();
        try {
            this.schema = validator.registerSchema((Object) schema);
        } catch (JsonSchemaException e) {
            throw new IllegalArgumentException("not a JSON schema: " + e.getMessage(), e);
        }
    }

    /// What is wrong, or null. The validator's own state is not safe for threads.
    synchronized @Nullable String complaint(Map<String, @Nullable Object> arguments) {
        Validator.Result result = validator.validate(schema, (Object) arguments);
        if (result.isValid()) {
            return null;
        }
        return result.getErrors().stream()
                .filter(e -> e.getError() != null)
                .limit(MAX_COMPLAINTS)
                .map(ArgumentCheck::sentence)
                .collect(Collectors.joining("; "));
    }

    private static String sentence(Error error) {
        String at = error.getInstanceLocation();
        return (at == null || at.isEmpty() ? "" : at + ": ") + error.getError();
    }
}
