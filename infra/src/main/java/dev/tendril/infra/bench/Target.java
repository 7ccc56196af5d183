package dev.tendril.infra.bench;

import java.io.IOException;
import java.net.URI;
import java.util.List;

/// A relay with rooms: one posts into a room, everybody who reads it hears.
sealed interface Target {

    /// Where it listens.
    URI server();

    /// A connection to post over.
    Wire wire() throws IOException;

    /// The path to post to.
    String path(int room);

    /// A body with a mark.
    ///
    /// @param id of the message, once per room
    String body(int id, int mark);

    /// The request that opens a room's stream.
    String stream(int room);

    /// Status of a stream that is granted.
    int granted();

    /// Tendril: a room is a chat.
    ///
    /// @param chats the rooms
    record Tendril(URI server, String token, List<String> chats) implements Target {
        /// Copies the chats.
        public Tendril {
            chats = List.copyOf(chats);
        }

        @Override
        public Wire wire() throws IOException {
            return new Wire(server, token);
        }

        @Override
        public String path(int room) {
            return "/api/v1/chats/" + chats.get(room) + "/messages";
        }

        @Override
        public String body(int id, int mark) {
            return "{\"id\":\"m%d\",\"parts\":[{\"type\":\"text\",\"text\":\"Hello @%d@ to you\"}]}"
                    .formatted(id, mark);
        }

        @Override
        public String stream(int room) {
            return "GET /api/v1/chats/%s/stream?after=0 HTTP/1.1\r\nhost: %s\r\naccept: text/event-stream\r\nauthorization: Bearer %s\r\n\r\n"
                    .formatted(chats.get(room), server.getHost(), token);
        }

        @Override
        public int granted() {
            return 200;
        }
    }

    /// `relay.mjs`, which keeps nothing.
    record InMemory(URI server) implements Target {
        @Override
        public Wire wire() throws IOException {
            return new Wire(server, "");
        }

        @Override
        public String path(int room) {
            return "/rooms/" + room;
        }

        @Override
        public String body(int id, int mark) {
            return "{\"id\":\"m%d\",\"parts\":[{\"type\":\"text\",\"text\":\"Hello @%d@ to you\"}]}"
                    .formatted(id, mark);
        }

        @Override
        public String stream(int room) {
            return "GET /rooms/%d HTTP/1.1\r\nhost: %s\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                    .formatted(room, server.getHost());
        }

        @Override
        public int granted() {
            return 101;
        }
    }
}
