package dev.tendril.worker.policy;

import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/// The worker's rules, fixed for the life of the process.
public final class Policy {
    /// Tools that are safe for a visitor even when every prompt is hostile: they read what is meant
    /// for visitors and write only to small, rate-limited files of their own.
    public static final Set<String> VISITOR_TOOLS =
            Set.of(
                    "search_content",
                    "read_page",
                    "search_feature_docs",
                    "list_repos",
                    "read_repo_file",
                    "search_chat_log",
                    "file_request",
                    "remember",
                    "recall",
                    "forget");

    /// Tools that a visitor may be given, but only by name.
    static final Set<String> VISITOR_OPTIONAL = Set.of("fetch_live_page", "search_web");

    private final Map<Role, RolePolicy> roles;
    private final String origin;

    Policy(Map<Role, RolePolicy> roles, String origin) {
        this.roles = new EnumMap<>(roles);
        this.origin = origin;
    }

    /// What holds without a `policy.yml`: every role has the visitor's tools, and no directory,
    /// host or program.
    public static Policy safe() {
        Map<Role, RolePolicy> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            roles.put(role, byDefault(role));
        }
        return new Policy(roles, "built-in defaults");
    }

    static RolePolicy byDefault(Role role) {
        return new RolePolicy(
                VISITOR_TOOLS,
                List.of(),
                role == Role.OPERATOR ? Budget.OPERATOR : Budget.VISITOR,
                RolePolicy.Reach.NOTHING);
    }

    /// Tools of MCP servers begin so. A visitor may be given one by its whole name, and sees it
    /// only when its server changes nothing.
    private static final String MCP = "mcp_";

    /// Whether a visitor may be given a tool at all, whatever the file says.
    static boolean fitForVisitors(String tool) {
        return VISITOR_TOOLS.contains(tool)
                || VISITOR_OPTIONAL.contains(tool)
                || (tool.startsWith(MCP) && !tool.endsWith("*"));
    }

    /// The rules of a role.
    public RolePolicy of(Role role) {
        return Objects.requireNonNull(roles.get(role));
    }

    /// Where the rules come from: the file's path, or `built-in defaults`.
    public String origin() {
        return origin;
    }

    /// Whether the role is shown the tool.
    public boolean shows(Role role, String tool) {
        return decide(role, tool) instanceof Decision.Allowed;
    }

    private Decision decide(Role role, String tool) {
        String rule = role.key() + ".tools";
        if (!of(role).grants(tool)) {
            return new Decision.Denied(rule, "the tool " + tool + " is not available here");
        }
        if (role == Role.VISITOR && !fitForVisitors(tool)) {
            return new Decision.Denied(
                    "visitor.ceiling", "the tool " + tool + " is not for visitors");
        }
        return new Decision.Allowed(rule);
    }

    /// Whether the role may call the tool on these targets. The first target that is refused
    /// decides.
    public Decision decide(Role role, String tool, List<Target> targets) {
        Decision known = decide(role, tool);
        if (known instanceof Decision.Denied) {
            return known;
        }
        for (Target target : targets) {
            Decision decision = decide(role, target);
            if (decision instanceof Decision.Denied) {
                return decision;
            }
        }
        return known;
    }

    private Decision decide(Role role, Target target) {
        RolePolicy rules = of(role);
        return switch (target) {
            case Target.Read(Path path) -> {
                boolean inside =
                        inside(path, rules.reach().read()) || inside(path, rules.reach().write());
                yield answer(
                        role, "read", inside, "the path lies outside the readable directories");
            }
            case Target.Write(Path path) ->
                    answer(
                            role,
                            "write",
                            inside(path, rules.reach().write()),
                            "the path lies outside the writable directories");
            case Target.Host(String name) ->
                    answer(
                            role,
                            "hosts",
                            rules.reaches(name),
                            "the host " + name + " is not on the list of allowed hosts");
            case Target.Program(String name) ->
                    answer(
                            role,
                            "programs",
                            rules.reach().programs().contains(name),
                            "the program " + name + " is not on the list of allowed programs");
        };
    }

    private static Decision answer(Role role, String list, boolean allowed, String reason) {
        String rule = role.key() + "." + list;
        return allowed ? new Decision.Allowed(rule) : new Decision.Denied(rule, reason);
    }

    private static boolean inside(Path path, List<Path> roots) {
        return path.isAbsolute()
                && path.equals(path.normalize())
                && roots.stream().anyMatch(path::startsWith);
    }
}
