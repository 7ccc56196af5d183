package dev.tendril.worker.terminal.screen;

/// Parameters of a sequence; a missing one is 0, a missing sub-parameter -1.
final class Params {
    private static final int MOST = 32;
    private final int[] values = new int[MOST];
    private final int[] firstSub = new int[MOST + 1];
    private final int[] subs = new int[MOST];
    private int count;
    private int subCount;
    private boolean inSub;
    private boolean full;
    private boolean subsFull;

    int count() {
        return count;
    }

    int get(int i) {
        return i < count ? values[i] : 0;
    }

    /// At least 1: most sequences take a missing parameter or 0 for 1.
    int orOne(int i) {
        return Math.max(1, get(i));
    }

    int subs(int i) {
        return i < count ? firstSub[i + 1] - firstSub[i] : 0;
    }

    int sub(int i, int j) {
        return subs[firstSub[i] + j];
    }

    void reset() {
        count = 0;
        subCount = 0;
        inSub = false;
        full = false;
        subsFull = false;
        next();
    }

    void next() {
        inSub = false;
        if (count >= MOST) {
            full = true;
            return;
        }
        values[count] = 0;
        firstSub[count] = subCount;
        count++;
        firstSub[count] = subCount;
    }

    void nextSub() {
        inSub = true;
        if (full || subCount >= MOST) {
            subsFull = true;
            return;
        }
        subs[subCount++] = -1;
        firstSub[count] = subCount;
    }

    void digit(int digit) {
        if (full || (inSub && subsFull)) {
            return;
        }
        int[] store = inSub ? subs : values;
        int at = inSub ? subCount - 1 : count - 1;
        long value = Math.max(0, store[at]) * 10L + digit;
        store[at] = (int) Math.min(value, Integer.MAX_VALUE);
    }
}
