package dev.tendril.relay.stage;

import dev.tendril.contract.run.ClaimedRun;

/// Frames as a worker writes them.
public final class Frames {

    /// `start-step`.
    public static final String STEP = "{\"type\":\"start-step\"}";

    /// `finish-step`.
    public static final String STEP_END = "{\"type\":\"finish-step\"}";

    /// `finish`.
    public static final String FINISH =
            "{\"type\":\"finish\",\"messageMetadata\":{\"reason\":\"stop\",\"usage\":{\"in\":3,\"out\":5}}}";

    private Frames() {}

    /// `start` of the run's answer.
    public static String start(ClaimedRun run) {
        return "{\"type\":\"start\",\"messageId\":\""
                + run.answerId()
                + "\",\"messageMetadata\":{\"model\":\"stub\",\"modelKind\":\"llm\"}}";
    }

    /// `text-start`.
    public static String textStart(String id) {
        return "{\"type\":\"text-start\",\"id\":\"" + id + "\"}";
    }

    /// `text-delta`; the text stands in JSON as it is.
    public static String delta(String id, String text) {
        return "{\"type\":\"text-delta\",\"id\":\"" + id + "\",\"delta\":\"" + text + "\"}";
    }

    /// `text-end`.
    public static String textEnd(String id) {
        return "{\"type\":\"text-end\",\"id\":\"" + id + "\"}";
    }
}
