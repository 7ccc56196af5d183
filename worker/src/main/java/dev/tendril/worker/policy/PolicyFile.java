package dev.tendril.worker.policy;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.OperatorFile;
import dev.tendril.worker.config.YamlSection;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Reads `policy.yml`.
///
/// ```yaml
/// version: 1
/// roles:
///   visitor:
///     tools: [search_content, read_page, fetch_live_page]
///     hosts: [docs.example.org]
///   operator:
///     tools: [search_content, read_file, grep, run_command]
///     models: [large, small]
///     budget: {steps: 50, calls: 100, tokens: 100000, seconds: 1800, money: 2.50}
///     read: [/srv/site]
///     write: [/srv/site/drafts]
///     programs: [git, make]
///     sandbox: required        # or preferred, off
/// ```
///
/// What a role leaves out has its safe default; a role that is left out has them all. Relative
/// directories are relative to the file.
public final class PolicyFile {
    private static final Pattern TOOL = Pattern.compile("[A-Za-z0-9_-]{1,64}\\*?");
    private static final Pattern HOST =
            Pattern.compile("(\\*\\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\\.)+[a-z][a-z0-9-]*[a-z0-9]");
    private static final Pattern PROGRAM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._+-]{0,63}");

    private final Path file;

    private PolicyFile(Path file) {
        this.file = file;
    }

    /// Reads the file, or gives the safe defaults when there is none.
    ///
    /// @throws BadPolicy when it is writable by others than its owner, unreadable, not YAML, or
    ///   says something that this version does not know
    public static Policy load(Path file) throws BadPolicy {
        try {
            OperatorFile read = OperatorFile.read(file);
            return read == null ? Policy.safe() : new PolicyFile(read.path()).policy(read.top());
        } catch (BadFile e) {
            throw new BadPolicy(String.valueOf(e.getMessage()));
        }
    }

    private Policy policy(YamlSection top) throws BadFile {
        top.allow("version", "roles");
        if (top.number("version", 1, 1, 1) != 1) {
            throw new BadFile(file + ": this version of Tendril reads version 1");
        }
        YamlSection given = top.section("roles");
        given.allow("visitor", "integrator", "operator");
        Map<Role, RolePolicy> roles = new EnumMap<>(Role.class);
        for (Role role : Role.values()) {
            roles.put(role, role(role, given.section(role.key())));
        }
        return new Policy(roles, file.toString());
    }

    private RolePolicy role(Role role, YamlSection at) throws BadFile {
        at.allow("tools", "models", "budget", "read", "write", "hosts", "programs", "sandbox");
        RolePolicy safe = Policy.byDefault(role);
        Set<String> tools = at.words("tools", TOOL, "a tool's name");
        for (String tool : tools) {
            if (role == Role.VISITOR && !Policy.fitForVisitors(tool)) {
                throw at.wrong(
                        "tools",
                        "the tool "
                                + tool
                                + " can never be given to visitors: every visitor may be hostile");
            }
        }
        return new RolePolicy(
                at.has("tools") ? tools : safe.tools(),
                List.copyOf(at.words("models", TOOL, "a model profile's name")),
                budget(safe.budget(), at.section("budget")),
                reach(role, at));
    }

    private RolePolicy.Reach reach(Role role, YamlSection at) throws BadFile {
        List<Path> write = directories(at, "write");
        for (Path path : write) {
            if (file.startsWith(path)) {
                throw at.wrong("write", path + " holds this policy, which no tool may change");
            }
        }
        if (role == Role.VISITOR && !write.isEmpty()) {
            throw at.wrong("write", "visitors can never be given a directory to write to");
        }
        Set<String> programs = at.words("programs", PROGRAM, "a program's name without a path");
        if (role == Role.VISITOR && !programs.isEmpty()) {
            throw at.wrong("programs", "visitors can never be given a program to run");
        }
        return new RolePolicy.Reach(
                directories(at, "read"),
                write,
                at.words("hosts", HOST, "a host name in lower case, or *. and one"),
                programs,
                sandbox(at));
    }

    private static Budget budget(Budget safe, YamlSection at) throws BadFile {
        at.allow("steps", "calls", "tokens", "seconds", "money");
        return new Budget(
                (int) at.number("steps", safe.steps(), 1, 200),
                (int) at.number("calls", safe.calls(), 0, 500),
                at.number("tokens", safe.outputTokens(), 1, 10_000_000),
                Duration.ofSeconds(at.number("seconds", safe.time().toSeconds(), 1, 86_400)),
                at.decimal("money", BigDecimal.ZERO));
    }

    private List<Path> directories(YamlSection at, String key) throws BadFile {
        Set<Path> found = new LinkedHashSet<>();
        for (String word : at.words(key, Pattern.compile("[^\\x00]+"), "a directory")) {
            Path path = file.resolveSibling(word).normalize();
            if (path.getNameCount() == 0) {
                throw at.wrong(key, "the whole file system is too much");
            }
            try {
                found.add(path.toRealPath());
            } catch (IOException e) {
                throw at.wrong(key, path + " is no directory that the worker can read");
            }
        }
        for (Path path : found) {
            if (!Files.isDirectory(path)) {
                throw at.wrong(key, path + " is no directory");
            }
        }
        return List.copyOf(found);
    }

    private static Sandbox sandbox(YamlSection at) throws BadFile {
        String word = at.word("sandbox", "required");
        for (Sandbox sandbox : Sandbox.values()) {
            if (sandbox.name().toLowerCase(Locale.ROOT).equals(word)) {
                return sandbox;
            }
        }
        throw at.wrong("sandbox", "it is required, preferred or off");
    }
}
