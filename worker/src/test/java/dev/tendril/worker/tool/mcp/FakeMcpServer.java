package dev.tendril.worker.tool.mcp;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tendril.worker.json.BadJson;
import dev.tendril.worker.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/// An MCP server as a program of its own: on its standard input and output, or over HTTP on a free
/// port that it prints. Written without the SDK, so that client and server do not share mistakes.
final class FakeMcpServer {
    private FakeMcpServer() {}

    public static void main(String[] args) throws IOException {
        if (args.length > 0 && args[0].equals("--http")) {
            HttpServer server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
            server.createContext("/mcp", FakeMcpServer::serve);
            server.setExecutor(null);
            server.start();
            System.out.println(server.getAddress().getPort());
            return;
        }
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String answer = answer(line, "");
            if (answer != null) {
                System.out.println(answer);
            }
        }
    }

    private static void serve(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        String header = String.valueOf(exchange.getRequestHeaders().getFirst("X-Secret"));
        String answer = exchange.getRequestMethod().equals("POST") ? answer(body, header) : null;
        if (answer == null) {
            boolean told = exchange.getRequestMethod().equals("POST");
            exchange.sendResponseHeaders(told ? 202 : 405, -1);
        } else {
            byte[] bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    private static @Nullable String answer(String line, String header) {
        try {
            Map<String, @Nullable Object> request = Json.readObject(line);
            if (request.get("id") == null) {
                return null;
            }
            Map<String, @Nullable Object> answer = new LinkedHashMap<>();
            answer.put("jsonrpc", "2.0");
            answer.put("id", request.get("id"));
            answer.put("result", result(request, header));
            return Json.write(answer);
        } catch (BadJson e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static Object result(Map<String, @Nullable Object> request, String header) {
        Map<?, ?> params = request.get("params") instanceof Map<?, ?> map ? map : Map.of();
        return switch (String.valueOf(request.get("method"))) {
            case "initialize" ->
                    Map.of(
                            "protocolVersion",
                            String.valueOf(params.get("protocolVersion")),
                            "capabilities",
                            Map.of("tools", Map.of()),
                            "serverInfo",
                            Map.of("name", "fake", "version", "1"));
            case "tools/list" -> Map.of("tools", tools());
            case "tools/call" -> call(params, header);
            default -> Map.of();
        };
    }

    private static List<Object> tools() {
        String description = System.getenv().getOrDefault("FAKE_DESCRIPTION", "Does it.");
        List<Object> tools = new ArrayList<>();
        for (String name : List.of("echo", "env", "fail", "hang", "die")) {
            tools.add(
                    Map.of(
                            "name",
                            name,
                            "description",
                            description,
                            "inputSchema",
                            Map.of(
                                    "type",
                                    "object",
                                    "properties",
                                    Map.of("text", Map.of("type", "string")))));
        }
        return tools;
    }

    private static Object call(Map<?, ?> params, String header) {
        Map<?, ?> arguments = params.get("arguments") instanceof Map<?, ?> map ? map : Map.of();
        return switch (String.valueOf(params.get("name"))) {
            case "echo" -> said("you said " + arguments.get("text") + header, false);
            case "env" -> said(String.join(",", new TreeSet<>(System.getenv().keySet())), false);
            case "fail" -> said("no such ticket", true);
            case "hang" -> {
                new Semaphore(0).acquireUninterruptibly();
                yield Map.of();
            }
            case "die" -> {
                Runtime.getRuntime().halt(7);
                yield Map.of();
            }
            default -> said("unknown", true);
        };
    }

    private static Object said(String text, boolean error) {
        return Map.of("content", List.of(Map.of("type", "text", "text", text)), "isError", error);
    }
}
