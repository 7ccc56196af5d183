package dev.tendril.infra.chaos;

import dev.tendril.contract.frame.Frame;
import dev.tendril.contract.problem.Problem;
import dev.tendril.contract.run.AppendFrames;
import dev.tendril.contract.run.Appended;
import dev.tendril.contract.run.ClaimedRun;
import dev.tendril.contract.run.Claims;
import dev.tendril.contract.run.CompleteRun;
import dev.tendril.contract.run.FailRun;
import dev.tendril.contract.run.LeaseCall;
import dev.tendril.infra.json.Json;
import dev.tendril.infra.stage.Tap;
import java.io.IOException;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the calls of one worker off the wire, before the proxy passes an answer on: what the relay
/// said counts, whether or not it arrives.
final class WorkerTap implements Tap {
    private static final Pattern RUN_CALL =
            Pattern.compile("POST /api/v1/runs/(\\d+)/([a-z]+)\\S* HTTP/1\\.1");
    private static final Pattern CLAIM = Pattern.compile("POST /api/v1/claims\\S* HTTP/1\\.1");

    private final String worker;
    private final WorkerRecord record;
    private final ChaosLog log;

    WorkerTap(String worker, WorkerRecord record, ChaosLog log) {
        this.worker = worker;
        this.record = record;
        this.log = log;
    }

    @Override
    public Wire open() {
        return new Calls();
    }

    private record Asked(String start, byte[] body, long atNanos) {}

    private final class Calls implements Wire {
        private final HttpScanner requests = new HttpScanner();
        private final HttpScanner answers = new HttpScanner();
        private final Queue<Asked> asked = new ConcurrentLinkedQueue<>();

        @Override
        public void fromClient(byte[] bytes, int length) {
            for (HttpScanner.Message m : requests.accept(bytes, length)) {
                asked.add(new Asked(m.start(), m.body(), System.nanoTime()));
            }
        }

        @Override
        public void fromServer(byte[] bytes, int length) {
            for (HttpScanner.Message m : answers.accept(bytes, length)) {
                Asked request = asked.poll();
                if (request != null) {
                    try {
                        note(request, Integer.parseInt(m.start().split(" ", 3)[1]), m.body());
                    } catch (IOException | RuntimeException e) {
                        log.op("unreadable", "worker", worker, "why", String.valueOf(e));
                    }
                }
            }
        }
    }

    private void note(Asked request, int status, byte[] body) throws IOException {
        if (CLAIM.matcher(request.start()).matches()) {
            if (status == 200) {
                for (ClaimedRun run : Json.read(body, Claims.class).runs()) {
                    record.add(
                            new WorkerRecord.Claimed(
                                    System.nanoTime(),
                                    worker,
                                    run.runId(),
                                    run.attempt(),
                                    run.fence(),
                                    run.leaseToken()));
                    log.op(
                            "claimed",
                            "worker",
                            worker,
                            "run",
                            run.runId(),
                            "attempt",
                            run.attempt(),
                            "fence",
                            run.fence(),
                            "token",
                            run.leaseToken());
                }
            } else if (status != 204) {
                log.op("claim-refused", "worker", worker, "status", status);
            }
            return;
        }
        Matcher call = RUN_CALL.matcher(request.start());
        if (call.matches()) {
            write(request, Long.parseLong(call.group(1)), call.group(2), status, body);
        }
    }

    private void write(Asked request, long run, String call, int status, byte[] body)
            throws IOException {
        UUID token;
        int batch = 0;
        List<Frame> frames = List.of();
        switch (call) {
            case "frames", "checkpoint" -> {
                var asked = Json.read(request.body(), AppendFrames.class);
                token = asked.leaseToken();
                batch = asked.batch();
                frames = asked.frames();
            }
            case "complete" -> {
                var asked = Json.read(request.body(), CompleteRun.class);
                token = asked.leaseToken();
                batch = asked.batch();
                frames = asked.frames();
            }
            case "fail" -> token = Json.read(request.body(), FailRun.class).leaseToken();
            default -> token = Json.read(request.body(), LeaseCall.class).leaseToken();
        }
        boolean duplicate = false;
        long lastSeq = 0;
        if (status == 200 && batch > 0) {
            var answer = Json.read(body, Appended.class);
            duplicate = answer.duplicate();
            lastSeq = answer.lastSeq();
        }
        String code = status >= 400 && body.length > 0 ? Json.read(body, Problem.class).code() : "";
        record.add(
                new WorkerRecord.Write(
                        request.atNanos(),
                        worker,
                        call,
                        run,
                        token,
                        batch,
                        frames,
                        status,
                        code,
                        duplicate,
                        lastSeq));
        log.op(
                call,
                "worker",
                worker,
                "run",
                run,
                "token",
                token,
                "batch",
                batch,
                "frames",
                frames.size(),
                "status",
                status,
                "code",
                code,
                "duplicate",
                duplicate,
                "seq",
                lastSeq);
    }
}
