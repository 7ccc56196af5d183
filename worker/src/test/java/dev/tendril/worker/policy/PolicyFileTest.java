package dev.tendril.worker.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PolicyFileTest {
    @TempDir Path folder;
    private Path file;

    @BeforeEach
    void tight() throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        file = folder.resolve("policy.yml");
    }

    private Policy load(String text) throws IOException, BadPolicy {
        Files.writeString(file, text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        return PolicyFile.load(file);
    }

    private String complaint(String text) {
        return assertThrows(BadPolicy.class, () -> load(text)).getMessage();
    }

    @Test
    void withoutAFileNobodyReachesAnything() throws BadPolicy {
        Policy policy = PolicyFile.load(file);
        for (Role role : Role.values()) {
            assertTrue(policy.shows(role, "search_content"));
            for (String tool :
                    List.of("run_command", "write_file", "read_file", "fetch_live_page", "x")) {
                assertFalse(policy.shows(role, tool), role + " " + tool);
            }
            assertEquals(RolePolicy.Reach.NOTHING, policy.of(role).reach());
        }
        assertEquals(Duration.ofSeconds(120), policy.of(Role.VISITOR).budget().time());
    }

    @Test
    void readsEveryKey() throws Exception {
        Files.createDirectories(folder.resolve("site/drafts"));
        Policy policy =
                load(
                        """
                        version: 1
                        roles:
                          visitor:
                            tools: [search_content, fetch_live_page]
                            hosts: [docs.example.org, "*.example.com"]
                          operator:
                            tools: [read_file, run_command, mcp__git__*]
                            models: [large, small]
                            budget: {steps: 5, calls: 6, tokens: 7000, seconds: 8, money: 2.50}
                            read: [site]
                            write: [site/drafts]
                            programs: [git]
                            sandbox: preferred
                        """);
        RolePolicy operator = policy.of(Role.OPERATOR);
        assertEquals(
                new Budget(5, 6, 7000, Duration.ofSeconds(8), new BigDecimal("2.50")),
                operator.budget());
        assertEquals(List.of("large", "small"), operator.models());
        assertEquals(Sandbox.PREFERRED, operator.reach().sandbox());
        assertTrue(policy.shows(Role.OPERATOR, "mcp__git__log"));
        assertFalse(policy.shows(Role.OPERATOR, "mcp__other__log"));
        assertFalse(policy.shows(Role.VISITOR, "recall"));

        assertAllowed(policy, Role.VISITOR, "fetch_live_page", new Target.Host("docs.example.org"));
        assertAllowed(policy, Role.VISITOR, "fetch_live_page", new Target.Host("a.b.example.com"));
        for (String host :
                List.of("example.com", "docs.example.org.evil.net", "evildocs.example.org", "")) {
            assertDenied(policy, Role.VISITOR, "fetch_live_page", new Target.Host(host));
        }
        Path site = folder.toRealPath().resolve("site");
        assertAllowed(policy, Role.OPERATOR, "read_file", new Target.Read(site.resolve("a")));
        assertDenied(policy, Role.OPERATOR, "read_file", new Target.Read(Path.of("/etc/passwd")));
        assertDenied(policy, Role.OPERATOR, "read_file", new Target.Read(site.resolve("../x")));
        assertDenied(
                policy, Role.OPERATOR, "read_file", new Target.Read(folder.resolve("sitemap")));
        assertDenied(policy, Role.OPERATOR, "read_file", new Target.Write(site.resolve("a")));
        assertAllowed(
                policy, Role.OPERATOR, "read_file", new Target.Write(site.resolve("drafts/a")));
        assertAllowed(policy, Role.OPERATOR, "run_command", new Target.Program("git"));
        assertDenied(policy, Role.OPERATOR, "run_command", new Target.Program("/usr/bin/git"));
    }

    private static void assertAllowed(Policy policy, Role role, String tool, Target target) {
        assertInstanceOf(Decision.Allowed.class, policy.decide(role, tool, List.of(target)));
    }

    private static void assertDenied(Policy policy, Role role, String tool, Target target) {
        assertInstanceOf(Decision.Denied.class, policy.decide(role, tool, List.of(target)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    version: 2                                        | from 1 to 1
                    rolez: {}                                         | did you mean roles?
                    roles: {visitors: {}}                             | did you mean visitor?
                    roles: {visitor: {tool: [a]}}                     | did you mean tools?
                    roles: {visitor: {tools: [run_command]}}          | never be given to visitors
                    roles: {visitor: {tools: ['*']}}                  | is not a tool's name
                    roles: {visitor: {tools: ['r*']}}                 | never be given to visitors
                    roles: {visitor: {programs: [sh]}}                | never be given a program
                    roles: {visitor: {write: ['.']}}                  | holds this policy
                    roles: {visitor: {budget: {steps: -1}}}           | whole number
                    roles: {visitor: {budget: {money: 1e9}}}          | amount
                    roles: {operator: {programs: [/bin/sh]}}          | without a path
                    roles: {operator: {hosts: [169.254.169.254]}}     | host name
                    roles: {operator: {hosts: ['*']}}                 | host name
                    roles: {operator: {read: [/]}}                    | too much
                    roles: {operator: {read: [nowhere]}}              | no directory
                    roles: {operator: {sandbox: maybe}}               | required, preferred or off
                    roles: {operator: {tools: read_file}}             | a list is expected
                    roles: [a]                                        | keys and values
                    roles: !!javax.script.ScriptEngineManager [a]     | tag is not allowed
                    roles: {operator: {}, operator: {}}               | twice
                    roles: {operator: {                               | not valid YAML
                    """)
    void refusesWithThePlace(String text, String expected) {
        String complaint = complaint(text);
        assertTrue(complaint.contains(expected), complaint);
        assertTrue(complaint.contains("policy.yml:1"), complaint);
    }

    @Test
    void refusesBombs() {
        complaint("a: &a [x,x]\nb: &b [*a,*a]\nroles: {visitor: {tools: [*b]}}");
        complaint("[".repeat(10_000));
        complaint("# " + "x".repeat(300_000));
    }

    @Test
    void refusesAFileThatOthersCanChange() throws Exception {
        load("version: 1");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw-r--"));
        assertTrue(
                assertThrows(BadPolicy.class, () -> PolicyFile.load(file))
                        .getMessage()
                        .contains("chmod go-w"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        PolicyFile.load(file);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThrows(BadPolicy.class, () -> PolicyFile.load(file));
    }

    @Test
    void aLinkThatLeadsNowhereIsNoAbsentFile() throws Exception {
        Files.createSymbolicLink(file, folder.resolve("gone"));
        assertThrows(BadPolicy.class, () -> PolicyFile.load(file));
    }
}
