package dev.tendril.infra.stage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What other processes take of this machine. Linux alone knows the resident memory; elsewhere it
/// is NaN.
public final class Memory {
    private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");
    private static final Pattern TOTAL = Pattern.compile("MemTotal:\\s+(\\d+) kB");
    private static final Pattern INSTANCES = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)");
    private static final double KIB_PER_MIB = 1024;

    private Memory() {}

    /// Resident memory of a process in MiB.
    public static double rssMb(long pid) throws IOException {
        return number(RSS, Path.of("/proc", Long.toString(pid), "status")) / KIB_PER_MIB;
    }

    /// Memory of the objects that a JVM still needs, in MiB: collects first.
    public static double liveHeapMb(long pid) throws IOException, InterruptedException {
        Process jcmd =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                                Long.toString(pid),
                                "GC.class_histogram")
                        .redirectErrorStream(true)
                        .start();
        String output = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        jcmd.waitFor();
        Matcher total = INSTANCES.matcher(output);
        return total.find()
                ? Long.parseLong(total.group(1)) / KIB_PER_MIB / KIB_PER_MIB
                : Double.NaN;
    }

    /// Cores, memory and Java of this machine, in one line.
    public static String machine() throws IOException {
        return "%d cores, %.0f GiB, %s %s, Java %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        number(TOTAL, Path.of("/proc/meminfo")) / KIB_PER_MIB / KIB_PER_MIB,
                        System.getProperty("os.name"),
                        System.getProperty("os.arch"),
                        Runtime.version().feature());
    }

    private static double number(Pattern pattern, Path file) throws IOException {
        if (!Files.exists(file)) {
            return Double.NaN;
        }
        Matcher matcher = pattern.matcher(Files.readString(file));
        return matcher.find() ? Double.parseDouble(matcher.group(1)) : Double.NaN;
    }
}
