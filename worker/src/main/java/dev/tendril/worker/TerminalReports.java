package dev.tendril.worker;

import dev.tendril.contract.terminal.TerminalReport;
import dev.tendril.worker.link.CallRefused;
import dev.tendril.worker.link.LeaseLost;
import dev.tendril.worker.link.RelayAway;
import dev.tendril.worker.link.RelayLink;
import dev.tendril.worker.terminal.session.Terminals;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Keeps the relay's list of terminal sessions true: their names, sizes and ends, nothing of what
/// is in them. A worker that never had one reports nothing.
final class TerminalReports implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TerminalReports.class);
    private static final int AGAIN_SECONDS = 5;

    private final Terminals terminals;
    private final RelayLink relay;
    private final Semaphore news = new Semaphore(0);
    private final Thread thread;

    TerminalReports(Terminals terminals, RelayLink relay) {
        this.terminals = terminals;
        this.relay = relay;
        terminals.onChange(news::release);
        this.thread = Thread.ofVirtual().name("terminal-reports").start(this::keep);
    }

    private void keep() {
        try {
            while (true) {
                news.acquire();
                news.drainPermits();
                TerminalReport report = terminals.report();
                try {
                    relay.terminals(report);
                    terminals.reported(report);
                } catch (RelayAway e) {
                    TimeUnit.SECONDS.sleep(AGAIN_SECONDS);
                    news.release();
                } catch (CallRefused | LeaseLost e) {
                    LOG.debug("the relay does not take the list of terminals", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
