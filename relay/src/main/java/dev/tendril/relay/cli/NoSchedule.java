package dev.tendril.relay.cli;

import io.micronaut.context.annotation.Primary;
import io.micronaut.context.annotation.Replaces;
import io.micronaut.context.annotation.Requires;
import io.micronaut.scheduling.ScheduledExecutorTaskScheduler;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.TaskScheduler;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Takes time out of an application that only lives for one command: nothing is claimed, reaped or
/// sent while a code is made. Tasks are taken and never run.
@Singleton
@Primary
@Named(TaskExecutors.SCHEDULED)
@Replaces(ScheduledExecutorTaskScheduler.class)
@Requires(property = NoSchedule.PROPERTY)
final class NoSchedule implements TaskScheduler {

    static final String PROPERTY = "tendril.command";

    /// Shut down from the start, it discards what it is given.
    private final ScheduledThreadPoolExecutor never =
            new ScheduledThreadPoolExecutor(1, new ThreadPoolExecutor.DiscardPolicy());

    NoSchedule() {
        never.shutdown();
    }

    @Override
    public ScheduledFuture<?> schedule(String cron, Runnable task) {
        return never.schedule(task, 1, TimeUnit.DAYS);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(String cron, Callable<V> task) {
        return never.schedule(task, 1, TimeUnit.DAYS);
    }

    @Override
    public ScheduledFuture<?> schedule(Duration delay, Runnable task) {
        return never.schedule(task, 1, TimeUnit.DAYS);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Duration delay, Callable<V> task) {
        return never.schedule(task, 1, TimeUnit.DAYS);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
            @Nullable Duration initialDelay, Duration period, Runnable task) {
        return never.schedule(task, 1, TimeUnit.DAYS);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
            @Nullable Duration initialDelay, Duration delay, Runnable task) {
        return never.schedule(task, 1, TimeUnit.DAYS);
    }
}
