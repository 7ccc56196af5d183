package dev.tendril.worker.terminal.host;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/// The few calls of the C library that pty4j has not, or not right.
final class Posix {

    static final int SIGHUP = 1;
    static final int SIGKILL = 9;
    static final int SIGCONT = 18;

    private static final int EINTR = 4;
    private static final int EAGAIN = 11;

    private static final Linker LINKER = Linker.nativeLinker();
    private static final SymbolLookup LIBC = LINKER.defaultLookup();
    private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO =
            STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
    private static final MethodHandle WRITE =
            LINKER.downcallHandle(
                    LIBC.findOrThrow("write"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_INT,
                            ValueLayout.ADDRESS,
                            ValueLayout.JAVA_LONG),
                    Linker.Option.captureCallState("errno"));
    private static final MethodHandle KILL =
            LINKER.downcallHandle(
                    LIBC.findOrThrow("kill"),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));
    private static final MethodHandle FOREGROUND =
            LINKER.downcallHandle(
                    LIBC.findOrThrow("tcgetpgrp"),
                    FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT));

    private Posix() {}

    /// Writes all bytes, counting what the kernel took.
    static void write(int fd, byte[] bytes) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(STATE);
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes);
            long at = 0;
            while (at < bytes.length) {
                long wrote =
                        (long)
                                WRITE.invokeExact(
                                        state, fd, data.asSlice(at), (long) bytes.length - at);
                if (wrote >= 0) {
                    at += wrote;
                } else {
                    int errno = (int) ERRNO.get(state, 0L);
                    if (errno != EINTR && errno != EAGAIN) {
                        throw new IOException("write failed with errno " + errno);
                    }
                    if (errno == EAGAIN) {
                        java.util.concurrent.locks.LockSupport.parkNanos(1_000_000);
                    }
                }
            }
        } catch (IOException e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// Sends a signal to a process, or to a group when `pid` is negative.
    static void kill(long pid, int signal) {
        try {
            int _ = (int) KILL.invokeExact((int) pid, signal);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }

    /// The terminal's foreground process group, or -1.
    static int foreground(int fd) {
        try {
            return (int) FOREGROUND.invokeExact(fd);
        } catch (Throwable e) {
            throw new IllegalStateException(e);
        }
    }
}
