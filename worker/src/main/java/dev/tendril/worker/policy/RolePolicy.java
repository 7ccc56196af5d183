package dev.tendril.worker.policy;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// What one role may do.
///
/// @param tools names, or prefixes that end in `*`
/// @param models names of model profiles, the preferred one first; empty means the order of
///   `worker.yml`
/// @param budget per turn
/// @param reach files, hosts and programs
public record RolePolicy(Set<String> tools, List<String> models, Budget budget, Reach reach) {
    /// Copies the collections.
    public RolePolicy {
        tools = Set.copyOf(tools);
        models = List.copyOf(models);
    }

    /// What the role's tools may touch.
    ///
    /// @param read directories to read, absolute
    /// @param write directories to read and change, absolute
    /// @param hosts names, or `*.` and a name for all its subdomains
    /// @param programs names without a path
    /// @param sandbox for programs
    public record Reach(
            List<Path> read,
            List<Path> write,
            Set<String> hosts,
            Set<String> programs,
            Sandbox sandbox) {
        /// Nothing at all.
        public static final Reach NOTHING =
                new Reach(List.of(), List.of(), Set.of(), Set.of(), Sandbox.REQUIRED);

        /// Copies the collections.
        public Reach {
            read = List.copyOf(read);
            write = List.copyOf(write);
            hosts = Set.copyOf(hosts);
            programs = Set.copyOf(programs);
        }
    }

    boolean grants(String tool) {
        return tools.contains(tool)
                || tools.stream()
                        .anyMatch(t ->
                                t.endsWith("*") && tool.startsWith(t.substring(0, t.length() - 1)));
    }

    boolean reaches(String host) {
        return reach.hosts().contains(host)
                || reach.hosts().stream()
                        .anyMatch(h -> h.startsWith("*.") && host.endsWith(h.substring(1)));
    }
}
