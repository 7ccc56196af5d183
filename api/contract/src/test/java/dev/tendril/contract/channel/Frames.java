package dev.tendril.contract.channel;

import io.micronaut.json.tree.JsonNode;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// Frames as the vectors write them.
final class Frames {

    private Frames() {}

    static Map<String, Object> json(ChannelFrame frame) {
        Map<String, Object> map = new LinkedHashMap<>();
        switch (frame) {
            case ChannelFrame.OpenStream(int stream, StreamKind kind, byte[] opening) -> {
                map.put("type", "openStream");
                map.put("stream", stream);
                map.put("kind", name(kind));
                map.put("opening", opening);
            }
            case ChannelFrame.CloseStream(int stream, StreamEnd end) -> {
                map.put("type", "closeStream");
                map.put("stream", stream);
                map.put("end", name(end));
            }
            case ChannelFrame.Data(int stream, boolean more, byte[] bytes) -> {
                map.put("type", "data");
                map.put("stream", stream);
                map.put("more", more);
                map.put("bytes", bytes);
            }
            case ChannelFrame.Credit(int stream, long total) -> {
                map.put("type", "credit");
                map.put("stream", stream);
                map.put("total", total);
            }
            case ChannelFrame.Ping(long id) -> {
                map.put("type", "ping");
                map.put("id", id);
            }
            case ChannelFrame.Pong(long id, byte[] chain) -> {
                map.put("type", "pong");
                map.put("id", id);
                map.put("chain", chain);
            }
            case ChannelFrame.Rekey(int epoch) -> {
                map.put("type", "rekey");
                map.put("epoch", epoch);
            }
            case ChannelFrame.PairRequest(String label) -> {
                map.put("type", "pairRequest");
                map.put("label", label);
            }
            case ChannelFrame.PairGrant(byte[] psk, Set<Scope> scopes) -> {
                map.put("type", "pairGrant");
                map.put("psk", psk);
                map.put("scopes", scopes.stream().sorted().map(Frames::name).toList());
            }
            case ChannelFrame.PairDone() -> map.put("type", "pairDone");
            case ChannelFrame.Close(CloseReason reason) -> {
                map.put("type", "close");
                map.put("reason", reason.wireName());
            }
        }
        return map;
    }

    static ChannelFrame of(JsonNode node) {
        return switch (Json.text(node, "type")) {
            case "openStream" ->
                    new ChannelFrame.OpenStream(
                            Json.field(node, "stream").getIntValue(),
                            StreamKind.valueOf(upper(node, "kind")),
                            Json.bytes(node, "opening"));
            case "closeStream" ->
                    new ChannelFrame.CloseStream(
                            Json.field(node, "stream").getIntValue(),
                            StreamEnd.valueOf(upper(node, "end")));
            case "data" ->
                    new ChannelFrame.Data(
                            Json.field(node, "stream").getIntValue(),
                            Json.field(node, "more").getBooleanValue(),
                            Json.bytes(node, "bytes"));
            case "credit" ->
                    new ChannelFrame.Credit(
                            Json.field(node, "stream").getIntValue(),
                            Json.field(node, "total").getLongValue());
            case "ping" -> new ChannelFrame.Ping(Json.field(node, "id").getLongValue());
            case "pong" ->
                    new ChannelFrame.Pong(
                            Json.field(node, "id").getLongValue(), Json.bytes(node, "chain"));
            case "rekey" -> new ChannelFrame.Rekey(Json.field(node, "epoch").getIntValue());
            case "pairRequest" -> new ChannelFrame.PairRequest(Json.text(node, "label"));
            case "pairGrant" -> {
                Set<Scope> scopes = EnumSet.noneOf(Scope.class);
                for (JsonNode scope : Json.list(node, "scopes")) {
                    scopes.add(Scope.valueOf(scope.getStringValue().toUpperCase(Locale.ROOT)));
                }
                yield new ChannelFrame.PairGrant(Json.bytes(node, "psk"), scopes);
            }
            case "pairDone" -> new ChannelFrame.PairDone();
            case "close" -> new ChannelFrame.Close(CloseReason.valueOf(upper(node, "reason")));
            default -> throw new IllegalArgumentException("no such frame");
        };
    }

    static Map<String, Object> json(Received received) {
        Map<String, Object> map = new LinkedHashMap<>();
        switch (received) {
            case Received.Delivered(ChannelFrame frame, List<byte[]> replies) -> {
                map.put("frame", json(frame));
                map.put("replies", replies);
            }
            case Received.Nothing(List<byte[]> replies) -> map.put("replies", replies);
            case Received.Closed(CloseReason reason, boolean byPeer, List<byte[]> replies) -> {
                map.put("closed", reason.wireName());
                map.put("byPeer", byPeer);
                map.put("replies", replies);
            }
        }
        return map;
    }

    private static String name(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String upper(JsonNode node, String field) {
        return Json.text(node, field).toUpperCase(Locale.ROOT);
    }
}
