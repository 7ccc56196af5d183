package dev.tendril.worker.tool.mcp;

import dev.tendril.worker.config.BadFile;
import dev.tendril.worker.config.YamlSection;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The MCP servers of `worker.yml`.
///
/// ```yaml
/// mcp:
///   tickets:
///     command: [/usr/local/bin/tickets-mcp, --stdio]
///     env: {TICKETS_DIR: /srv/tickets}   # of the worker's own it gets PATH, HOME, LANG, USER, SHELL, TERM
///     env_from: [TICKETS_TOKEN]          # taken from the worker's environment
///     timeout: 30                        # seconds for a call, 1 to 170
///     writes: false                      # default true
///     outside: false                     # default true: results quote others
///   wiki:
///     url: https://wiki.example.org/mcp
///     header_files: {Authorization: keys/wiki}
/// ```
///
/// @param all in the order of the file
public record McpServers(List<McpServer> all) {
    private static final int TIMEOUT = 30;
    private static final int MAX_HEADER_BYTES = 8192;

    /// Copies the list.
    public McpServers {
        all = List.copyOf(all);
    }

    /// Reads the key `mcp`.
    ///
    /// @param folder that header files are relative to
    /// @param environment that `env_from` takes from
    public static McpServers read(YamlSection top, Path folder, Map<String, String> environment)
            throws BadFile {
        YamlSection servers = top.section("mcp");
        List<McpServer> all = new ArrayList<>();
        for (String name : servers.keys()) {
            if (!name.matches("[a-z0-9-]{1,20}")) {
                throw servers.wrong(
                        name, "a server's name has up to 20 small letters, digits and -");
            }
            all.add(server(name, servers.section(name), folder, environment));
        }
        return new McpServers(all);
    }

    private static McpServer server(
            String name, YamlSection at, Path folder, Map<String, String> environment)
            throws BadFile {
        at.allow(
                "command",
                "env",
                "env_from",
                "url",
                "header_files",
                "timeout",
                "writes",
                "outside");
        if (at.has("command") == at.has("url")) {
            throw at.wrong(
                    at.has("url") ? "url" : "command", "a server has either a command or a url");
        }
        return new McpServer(
                name,
                at.has("url") ? http(at, folder) : program(at, environment),
                Duration.ofSeconds(at.number("timeout", TIMEOUT, 1, 170)),
                at.flag("writes", true),
                at.flag("outside", true));
    }

    private static McpServer.Place program(YamlSection at, Map<String, String> environment)
            throws BadFile {
        List<String> command = at.list("command");
        if (command.isEmpty() || !Path.of(command.getFirst()).isAbsolute()) {
            throw at.wrong("command", "the program's absolute path and its arguments are expected");
        }
        Map<String, String> own = new LinkedHashMap<>(at.section("env").texts());
        for (String variable : at.list("env_from")) {
            String value = environment.get(variable);
            if (value == null) {
                throw at.wrong("env_from", variable + " is not set for the worker");
            }
            own.put(variable, value);
        }
        return new McpServer.Place.Program(command, own);
    }

    private static McpServer.Place http(YamlSection at, Path folder) throws BadFile {
        URI uri;
        try {
            uri = URI.create(at.word("url", ""));
        } catch (IllegalArgumentException e) {
            throw at.wrong("url", "it is no URL");
        }
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!http || uri.getHost() == null || uri.getUserInfo() != null) {
            throw at.wrong(
                    "url", "http:// or https:// and a host are expected, no user or password");
        }
        Map<String, String> headers = new LinkedHashMap<>();
        for (var header : at.section("header_files").texts().entrySet()) {
            headers.put(header.getKey(), value(at, folder.resolve(header.getValue())));
        }
        return new McpServer.Place.Http(uri, headers);
    }

    private static String value(YamlSection at, Path file) throws BadFile {
        try {
            if (Files.size(file) <= MAX_HEADER_BYTES) {
                String value = Files.readString(file).strip();
                if (!value.isEmpty() && value.chars().allMatch(c -> c >= 0x20 && c < 0x7f)) {
                    return value;
                }
            }
        } catch (IOException e) {
            throw at.wrong("header_files", file + " cannot be read");
        }
        throw at.wrong("header_files", file + " holds no header's value");
    }
}
