package dev.tendril.worker.tool.files;

/// Sizes a pattern before it is compiled: RE2 runs in linear time, but `((a{100}){100}){100}`
/// becomes a program of a million instructions first.
final class Repeats {
    private static final long MAX = 1_000;

    private Repeats() {}

    /// Whether all counted repetitions multiplied with each other stay within 1,000. Counts that
    /// stand beside each other and not inside each other are judged too strictly; patterns of
    /// people do not come near.
    static boolean small(String pattern) {
        long product = 1;
        for (int i = pattern.indexOf('{'); i >= 0; i = pattern.indexOf('{', i + 1)) {
            int end = pattern.indexOf('}', i);
            if (end < 0) {
                break;
            }
            long most = 1;
            for (String number : pattern.substring(i + 1, end).split(",", -1)) {
                if (number.matches("[0-9]{1,9}")) {
                    most = Math.max(most, Long.parseLong(number));
                }
            }
            product *= most;
            if (product > MAX) {
                return false;
            }
        }
        return true;
    }
}
