package dev.tendril.worker.cli;

import dev.tendril.worker.policy.BadPolicy;
import dev.tendril.worker.policy.Policy;
import dev.tendril.worker.policy.PolicyFile;
import dev.tendril.worker.policy.Role;
import dev.tendril.worker.policy.RolePolicy;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/// `tendril worker policy`: reads the policy as the worker would, and never writes it.
@Singleton
@Command(
        name = "policy",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        description = {
            "Shows what the policy lets each role do. Starts nothing, changes nothing.",
            ""
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  tendril worker policy check",
            "  tendril worker policy explain read_file '{\"path\":\"../secret\"}' --role operator",
            ""
        })
public final class PolicyCommand implements Runnable {
    private final PolicyQuestions questions;
    private Map<String, String> environment = System.getenv();

    @Spec @Nullable CommandSpec spec;

    @Option(
            names = "--policy",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "the policy (default DATA-DIR/policy.yml)")
    @Nullable String file;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            description = "the worker's data directory (default: .tendril/worker in your home)")
    @Nullable String dataDir;

    /// @param questions answered by the worker's own tools
    public PolicyCommand(PolicyQuestions questions) {
        this.questions = questions;
    }

    /// Another environment than the process's own, for tests.
    void world(Map<String, String> variables) {
        environment = variables;
    }

    @Override
    public void run() {
        throw new ParameterException(spec().commandLine(), "Say what to do: check or explain.");
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not made by picocli");
        }
        return spec;
    }

    @Command(
            name = "check",
            mixinStandardHelpOptions = true,
            description = "Reads the policy, says what is wrong with it, or what each role may do.")
    int check() throws CannotStart {
        Policy policy = policy();
        PrintWriter out = spec().commandLine().getOut();
        out.println("policy: " + policy.origin());
        for (Role role : Role.values()) {
            RolePolicy rules = policy.of(role);
            RolePolicy.Reach reach = rules.reach();
            out.println();
            out.println(role.key());
            out.println("  tools     " + words(tools(policy, role)));
            out.println("  models    " + words(rules.models()));
            out.println(
                    "  budget    "
                            + rules.budget().steps()
                            + " steps, "
                            + rules.budget().calls()
                            + " tool calls, "
                            + rules.budget().outputTokens()
                            + " tokens, "
                            + rules.budget().time().toSeconds()
                            + " s, money "
                            + (rules.budget().money().signum() == 0
                                    ? "not limited"
                                    : rules.budget().money().toPlainString()));
            out.println("  reads     " + words(reach.read()));
            out.println("  writes    " + words(reach.write()));
            out.println("  hosts     " + words(reach.hosts().stream().sorted().toList()));
            out.println("  programs  " + words(reach.programs().stream().sorted().toList()));
            out.println("  sandbox   " + reach.sandbox().name().toLowerCase(Locale.ROOT));
        }
        out.flush();
        return Exit.OK;
    }

    @Command(
            name = "explain",
            mixinStandardHelpOptions = true,
            description = "Says whether a tool call would run, and by which rule. Exits 0 or 1.")
    int explain(
            @Parameters(paramLabel = "TOOL") String tool,
            @Parameters(paramLabel = "ARGS", arity = "0..1", defaultValue = "{}") String arguments,
            @Option(names = "--role", defaultValue = "visitor", paramLabel = "ROLE") Role role)
            throws CannotStart {
        try {
            PolicyQuestions.Answer answer =
                    questions.explain(folder(), policy(), role, tool, arguments);
            PrintWriter out = spec().commandLine().getOut();
            out.println(role.key() + " " + tool + ": " + answer.sentence());
            out.flush();
            return answer.allowed() ? Exit.OK : Exit.BROKEN;
        } catch (IOException e) {
            throw unreadable();
        }
    }

    private Iterable<String> tools(Policy policy, Role role) throws CannotStart {
        try {
            return questions.tools(folder(), policy, role);
        } catch (IOException e) {
            throw unreadable();
        }
    }

    private CannotStart unreadable() {
        return new CannotStart(Exit.DATA, "The data directory " + folder() + " cannot be read.");
    }

    private Policy policy() throws CannotStart {
        String given = file == null ? environment.get("TENDRIL_POLICY") : file;
        Path path = given == null ? folder().resolve("policy.yml") : Path.of(given);
        try {
            return PolicyFile.load(path.toAbsolutePath());
        } catch (BadPolicy e) {
            throw new CannotStart(Exit.USAGE, String.valueOf(e.getMessage()));
        }
    }

    private Path folder() {
        return DataDir.of(dataDir, environment);
    }

    private static String words(Iterable<?> all) {
        StringBuilder words = new StringBuilder();
        for (Object one : all) {
            words.append(words.isEmpty() ? "" : ", ").append(one);
        }
        return words.isEmpty() ? "none" : words.toString();
    }
}
