package dev.tendril.worker.tool.hook;

import java.time.Duration;
import java.util.List;

/// One hook of `worker.yml`.
///
/// @param command program and arguments, absolute
/// @param tools names, or prefixes that end in `*`; empty means all
/// @param timeout 1 to 60 s
record Hook(List<String> command, List<String> tools, Duration timeout) {
    Hook {
        command = List.copyOf(command);
        tools = List.copyOf(tools);
    }

    boolean concerns(String tool) {
        return tools.isEmpty()
                || tools.stream()
                        .anyMatch(t ->
                                t.equals(tool)
                                        || (t.endsWith("*")
                                                && tool.startsWith(
                                                        t.substring(0, t.length() - 1))));
    }
}
