package dev.tendril.worker.config;

import java.util.Collection;
import java.util.Comparator;

/// The known word that a misspelt one probably means.
public final class Nearest {
    private Nearest() {}

    /// @param word as written
    /// @param known at least one
    /// @return the one with the fewest changed letters, the first in the alphabet among equals
    public static String to(String word, Collection<String> known) {
        return known.stream()
                .sorted()
                .min(Comparator.comparingInt(k -> distance(word, k)))
                .orElseThrow();
    }

    /// Levenshtein's distance.
    private static int distance(String a, String b) {
        int[] row = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            row[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int above = row[j];
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above) + 1, diagonal + change);
                diagonal = above;
            }
        }
        return row[b.length()];
    }
}
