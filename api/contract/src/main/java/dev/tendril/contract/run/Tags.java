package dev.tendril.contract.run;

import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;

/// What a run may need and a worker may offer: words such as `tools`, `terminal` or
/// `model:qwen3:8b`.
public final class Tags {

    /// Most tags of a run or a worker.
    public static final int MOST = 16;

    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._:/@+-]{0,99}");
    private static final Pattern OTHER = Pattern.compile("[^A-Za-z0-9._:/@+-]");
    private static final int LONGEST = 100;

    private Tags() {}

    /// Whether these are at most 16 tags of 1 to 100 letters, digits and `._:/@+-`.
    public static boolean valid(Collection<String> tags) {
        return tags.size() <= MOST && tags.stream().allMatch(tag -> TAG.matcher(tag).matches());
    }

    /// Sorted and without repetition, so that equal sets are equal lists.
    public static List<String> sorted(Collection<String> tags) {
        return tags.stream().distinct().sorted().toList();
    }

    /// The tag of a model's name; what a tag cannot hold becomes `-`.
    public static String model(String name) {
        String tag = "model:" + OTHER.matcher(name).replaceAll("-");
        return tag.length() > LONGEST ? tag.substring(0, LONGEST) : tag;
    }
}
