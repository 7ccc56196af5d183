package dev.tendril.worker.policy;

import java.io.StringReader;
import java.math.BigDecimal;
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
final class YamlSection {
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

    static YamlSection parse(String file, String text) throws BadPolicy {
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
            throw new BadPolicy(file + ":" + line + ": not valid YAML: " + e.getProblem());
        } catch (YAMLException e) {
            throw new BadPolicy(file + ": not valid YAML");
        }
    }

    private static YamlSection of(String file, String path, @Nullable Node node) throws BadPolicy {
        Map<String, Node> fields = new LinkedHashMap<>();
        Map<String, Integer> lines = new LinkedHashMap<>();
        if (node instanceof MappingNode mapping) {
            for (NodeTuple tuple : mapping.getValue()) {
                if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
                    throw new BadPolicy(file + ":" + line(tuple.getKeyNode()) + ": not a key");
                }
                if (fields.put(key.getValue(), tuple.getValueNode()) != null) {
                    throw new BadPolicy(
                            file + ":" + line(key) + ": " + key.getValue() + " stands twice");
                }
                lines.put(key.getValue(), line(key));
            }
        } else if (node != null && !Tag.NULL.equals(node.getTag())) {
            throw new BadPolicy(
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
    void allow(String... keys) throws BadPolicy {
        for (String key : fields.keySet()) {
            if (!Arrays.asList(keys).contains(key)) {
                throw wrong(
                        key, "unknown key; did you mean " + Nearest.to(key, List.of(keys)) + "?");
            }
        }
    }

    boolean has(String key) {
        return fields.containsKey(key);
    }

    YamlSection section(String key) throws BadPolicy {
        return of(file, at(key), fields.get(key));
    }

    Set<String> words(String key, Pattern shape, String what) throws BadPolicy {
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

    String word(String key, String otherwise) throws BadPolicy {
        Node node = fields.get(key);
        return node == null ? otherwise : scalar(key, node);
    }

    long number(String key, long otherwise, long min, long max) throws BadPolicy {
        String word = word(key, Long.toString(otherwise)).replace("_", "");
        if (word.matches("[0-9]{1,12}")) {
            long value = Long.parseLong(word);
            if (value >= min && value <= max) {
                return value;
            }
        }
        throw wrong(key, "a whole number from " + min + " to " + max + " is expected");
    }

    BigDecimal decimal(String key, BigDecimal otherwise) throws BadPolicy {
        String word = word(key, otherwise.toPlainString());
        if (word.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            return new BigDecimal(word);
        }
        throw wrong(key, "an amount such as 0.50 is expected");
    }

    private String scalar(String key, Node node) throws BadPolicy {
        if (node.getNodeId() == NodeId.scalar && node instanceof ScalarNode scalar) {
            return scalar.getValue();
        }
        throw wrong(key, "a single value is expected");
    }

    BadPolicy wrong(String key, String why) {
        return new BadPolicy(file + ":" + lines.getOrDefault(key, 1) + ": " + at(key) + ": " + why);
    }

    private String at(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }
}
