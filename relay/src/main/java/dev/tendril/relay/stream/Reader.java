package dev.tendril.relay.stream;

import dev.tendril.contract.frame.Frame;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.stream.EventLog;
import dev.tendril.service.stream.FrameCodec;
import dev.tendril.service.stream.StoredBatch;
import dev.tendril.service.stream.StreamState;
import io.micronaut.data.exceptions.DataAccessException;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One browser's way through one stream.
final class Reader {

    private static final Logger LOG = LoggerFactory.getLogger(Reader.class);

    /// A reader that is further behind than this, and takes nothing for [#SLOW], is cut off.
    private static final int FRAMES_BEHIND = 200;

    /// A reader for which more than this waits, and who takes nothing for [#SLOW], is cut off.
    private static final int BYTES_BEHIND = 256 * 1024;

    private static final int PAGE_BYTES = 64 * 1024;
    private static final int PIECE_CHARACTERS = 8 * 1024;
    private static final Duration PING = Duration.ofSeconds(12);
    private static final Duration SLOW = Duration.ofSeconds(2);
    private static final Duration STALLED = Duration.ofSeconds(30);

    /// The token that opened the stream is over by then.
    private static final Duration LIFE = Duration.ofMinutes(15);

    private final EventLog log;
    private final Pages pages;
    private final Visitor visitor;
    private final Place place;
    private final Outbox outbox;
    private final AtomicInteger asked = new AtomicInteger();
    private final long openedNanos = System.nanoTime();
    private final AtomicLong newest = new AtomicLong();
    private volatile long last;
    private volatile boolean live;
    private volatile boolean doubtful;
    private @Nullable String timeline;
    private Frame.@Nullable Status status;

    Reader(
            EventLog log,
            Pages pages,
            Visitor visitor,
            Place place,
            Outbox.Connection connection,
            Runnable closed) {
        this.log = log;
        this.pages = pages;
        this.visitor = visitor;
        this.place = place;
        this.last = place.after();
        this.outbox = new Outbox(connection, this::emptied, closed);
    }

    Outbox outbox() {
        return outbox;
    }

    Visitor visitor() {
        return visitor;
    }

    Place place() {
        return place;
    }

    /// The stream may have grown to `seq`.
    void grown(long seq) {
        if (newest.accumulateAndGet(seq, Math::max) > last || doubtful) {
            look();
        }
    }

    /// Reads what follows, on a thread of its own unless one is reading already.
    void look() {
        if (asked.getAndIncrement() == 0) {
            Thread.ofVirtual().name("stream-reader").start(this::read);
        }
    }

    /// Sends a status if it differs from the last one, unless there is something better to read.
    void tell(Frame.Status news, FrameCodec codec) {
        synchronized (this) {
            if (news.equals(status) || outbox.frames() > 0) {
                return;
            }
            status = news;
        }
        outbox.offer(Sse.unnumbered(codec.line(new Frame.RelayStatus(news))), 0);
    }

    /// Pings, and ends what has lived or stood still too long.
    void tick() {
        long still = outbox.stillNanos();
        if (!outbox.empty()) {
            if (still > STALLED.toNanos() || still > SLOW.toNanos() && behind()) {
                outbox.cut("the reader fell behind");
            }
        } else if (System.nanoTime() - openedNanos > LIFE.toNanos()) {
            outbox.end();
        } else if (still > PING.toNanos()) {
            outbox.offer(Sse.PING, 0);
        }
    }

    private boolean behind() {
        return newest.get() - last + outbox.frames() > FRAMES_BEHIND
                || outbox.bytes() > BYTES_BEHIND;
    }

    private void emptied() {
        if (!live || newest.get() > last) {
            look();
        }
    }

    private void read() {
        int done = 1;
        do {
            try {
                if (doubtful) {
                    checkHistory();
                }
                catchUp();
            } catch (DataAccessException e) {
                // The database is away. Whoever wakes this reader next lets it try again.
                doubtful = true;
                LOG.debug("A reader could not read on", e);
            } catch (RuntimeException e) {
                outbox.cut("the log could not be read");
                throw e;
            }
            done = asked.addAndGet(-done);
        } while (done != 0);
    }

    /// After a failure the server may be another one, with another history.
    private void checkHistory() {
        StreamState state = log.state(place.workspaceId(), place.streamId());
        if (state == null || !state.epoch().equals(place.epoch()) || state.lastSeq() < last) {
            outbox.cut("the history changed");
        }
        doubtful = false;
    }

    /// Reads pages until there is nothing more, each when the one before was taken: so no more than
    /// a page waits for a slow reader, and a long replay is no reason to be cut off.
    private void catchUp() {
        while (!outbox.ended() && outbox.empty()) {
            long told = newest.get();
            List<StoredBatch> page =
                    pages.after(place.workspaceId(), place.streamId(), last, PAGE_BYTES);
            if (page.isEmpty()) {
                live = true;
                if (told > last) {
                    // It was committed before the question, so it is gone.
                    outbox.cut("what follows is no longer retained");
                }
                return;
            }
            send(page);
        }
    }

    private void send(List<StoredBatch> page) {
        StringBuilder piece = new StringBuilder();
        int frames = 0;
        for (StoredBatch batch : page) {
            if (timeline != null && !timeline.equals(batch.timeline())) {
                outbox.cut("the history changed");
                return;
            }
            timeline = batch.timeline();
            long seq = batch.firstSeq();
            if (seq > last + 1) {
                outbox.cut("what follows is no longer retained");
                return;
            }
            for (String json : batch.lines().split("\n", -1)) {
                if (seq > last) {
                    Sse.frame(piece, place.epoch(), seq, json);
                    last = seq;
                    frames++;
                    if (Sse.terminal(json)) {
                        outbox.offer(Sse.bytes(piece), frames);
                        outbox.offer(Sse.DONE, 0);
                        outbox.end();
                        return;
                    }
                    if (piece.length() >= PIECE_CHARACTERS) {
                        outbox.offer(Sse.bytes(piece), frames);
                        piece.setLength(0);
                        frames = 0;
                    }
                }
                seq++;
            }
        }
        if (frames > 0) {
            outbox.offer(Sse.bytes(piece), frames);
        }
    }

    /// Where a reader begins.
    ///
    /// @param after last seq that it has
    record Place(UUID workspaceId, UUID streamId, String epoch, long after) {}
}
