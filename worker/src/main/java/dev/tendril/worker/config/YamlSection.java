package dev.tendril.worker.config;

import java.io.StringReader;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/// One mapping of a YAML file, read node by node: no object is ever built from a tag, and every
/// complaint names file, line and key.
public final class YamlSection {
    private final String file;
    private final String path;
    private final Map<String, Node> fields;
    private final Map<String, Integer> lines;

    private YamlSection(
            String file, String path, Map<String, Node> fields, Map<String, Integer> lines) {
        this.file = file;
        this.path = path;
        this.fields = fields;
        this.lines = lines;
    }

    /// Reads a whole file's text.
    ///
    /// @param file its name, for complaints
    public static YamlSection parse(String file, String text) throws BadFile {
        LoaderOptions limits = new LoaderOptions();
        limits.setAllowDuplicateKeys(false);
        limits.setMaxAliasesForCollections(0);
        limits.setNestingDepthLimit(10);
        limits.setCodePointLimit(256 * 1024);
        try {
            Node node = new Yaml(new SafeConstructor(limits)).compose(new StringReader(text));
            return of(file, "", node);
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new BadFile(file + ":" + line + ": not valid YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new BadFile(file + ": not valid YAML");
        }
    }

    private static YamlSection of(String file, String path, @Nullable Node node) throws BadFile {
        Map<String, Node> fields = new LinkedHashMap<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    throw new BadFile(file + ":" + line(tuple.getKeyNode()) + ": not a key");
                }
                if (fields.put(key.getValue(), tuple.getValueNode()) != null) {
                    throw new BadFile(
                            file + ":" + line(key) + ": " + key.getValue() + " stands twice");
                }
                lines.put(key.getValue(), line(key));
            }
        } else if (node != null && !Tag.NULL.equals(node.getTag())) {
            throw new BadFile(
                    file
                            + ":"
                            + line(node)
                            + ": "
                            + (path.isEmpty() ? "the file" : path)
                            + " must have keys and values");
        }
        return new YamlSection(file, path, fields, lines);
    }

    private static int line(Node node) {
        return node.getStartMark().getLine() + 1;
    }

    /// Refuses every other key.
    public void allow(String... keys) throws BadFile {
        for (String key : fields.keySet()) {
            if (!Arrays.asList(keys).contains(key)) {
                throw wrong(
                        key, "unknown key; did you mean " + Nearest.to(key, List.of(keys)) + "?");
            }
        }
    }

    /// Whether the key is there.
    public boolean has(String key) {
        return fields.containsKey(key);
    }

    /// The keys below a key; none when it is not there.
    public YamlSection section(String key) throws BadFile {
        return of(file, at(key), fields.get(key));
    }

    /// The keys, in the order of the file.
    public List<String> keys() {
        return List.copyOf(fields.keySet());
    }

    /// A list of words; empty when the key is not there.
    ///
    /// @param what each of them is, for complaints
    public Set<String> words(String key, Pattern shape, String what) throws BadFile {
        Node node = fields.get(key);
        if (node == null) {
            return Set.of();
        }
        if (!(node instanceof SequenceNode list)) {
            throw wrong(key, "a list is expected, e.g. [a, b]");
        }
        Set<String> words = new LinkedHashSet<>();
        for (Node element : list.getValue()) {
            String word = scalar(key, element);
            if (!shape.matcher(word).matches()) {
                throw wrong(key, "\"" + word + "\" is not " + what);
            }
            words.add(word);
        }
        return Collections.unmodifiableSet(words);
    }

    /// A single value as it stands there.
    public String word(String key, String otherwise) throws BadFile {
        Node node = fields.get(key);
        return node == null ? otherwise : scalar(key, node);
    }

    /// A whole number, `_` allowed between digits.
    public long number(String key, long otherwise, long min, long max) throws BadFile {
        String word = word(key, Long.toString(otherwise)).replace("_", "");
        if (word.matches("[0-9]{1,12}")) {
            long value = Long.parseLong(word);
            if (value >= min && value <= max) {
                return value;
            }
        }
        throw wrong(key, "a whole number from " + min + " to " + max + " is expected");
    }

    /// An amount that is not negative.
    public BigDecimal decimal(String key, BigDecimal otherwise) throws BadFile {
        String word = word(key, otherwise.toPlainString());
        if (word.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            return new BigDecimal(word);
        }
        throw wrong(key, "an amount such as 0.50 is expected");
    }

    /// `true` or `false`.
    public boolean flag(String key, boolean otherwise) throws BadFile {
        return switch (word(key, Boolean.toString(otherwise))) {
            case "true", "yes", "on" -> true;
            case "false", "no", "off" -> false;
            default -> throw wrong(key, "true or false is expected");
        };
    }

    /// The sections of a list of mappings; empty when the key is not there.
    public List<YamlSection> sections(String key) throws BadFile {
        Node node = fields.get(key);
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof SequenceNode list)) {
            throw wrong(key, "a list is expected, each entry with keys and values");
        }
        List<YamlSection> sections = new ArrayList<>();
        for (Node element : list.getValue()) {
            sections.add(of(file, at(key) + "[" + sections.size() + "]", element));
        }
        return sections;
    }

    /// A list of any single values, in order and with repeats; empty when the key is not there.
    public List<String> list(String key) throws BadFile {
        Node node = fields.get(key);
        if (node == null) {
            return List.of();
        }
        if (!(node instanceof SequenceNode list)) {
            throw wrong(key, "a list is expected, e.g. [a, b]");
        }
        List<String> values = new ArrayList<>();
        for (Node element : list.getValue()) {
            values.add(scalar(key, element));
        }
        return values;
    }

    /// All keys with their single values.
    public Map<String, String> texts() throws BadFile {
        Map<String, String> texts = new LinkedHashMap<>();
        for (var field : fields.entrySet()) {
            texts.put(field.getKey(), scalar(field.getKey(), field.getValue()));
        }
        return texts;
    }

    /// All keys with their values as JSON has them.
    public Map<String, @Nullable Object> values() throws BadFile {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        for (var field : fields.entrySet()) {
            values.put(field.getKey(), value(field.getKey(), field.getValue()));
        }
        return values;
    }

    private @Nullable Object value(String key, Node node) throws BadFile {
        return switch (node) {
            case SequenceNode list -> {
                List<@Nullable Object> values = new ArrayList<>();
                for (Node element : list.getValue()) {
                    values.add(value(key, element));
                }
                yield values;
            }
            case MappingNode _ -> of(file, at(key), node).values();
            case ScalarNode scalar -> value(key, scalar);
            default -> throw wrong(key, "a plain value is expected");
        };
    }

    private @Nullable Object value(String key, ScalarNode scalar) throws BadFile {
        String text = scalar.getValue();
        try {
            if (Tag.NULL.equals(scalar.getTag())) {
                return null;
            }
            if (Tag.BOOL.equals(scalar.getTag())) {
                return text.equalsIgnoreCase("true");
            }
            if (Tag.INT.equals(scalar.getTag())) {
                return Long.valueOf(text);
            }
            return Tag.FLOAT.equals(scalar.getTag()) ? new BigDecimal(text) : text;
        } catch (NumberFormatException e) {
            throw wrong(key, "a plain number is expected");
        }
    }

    private String scalar(String key, Node node) throws BadFile {
        if (node.getNodeId() == NodeId.scalar && node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrong(key, "a single value is expected");
    }

    /// A complaint about a key of this section.
    public BadFile wrong(String key, String why) {
        return new BadFile(file + ":" + lines.getOrDefault(key, 1) + ": " + at(key) + ": " + why);
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
