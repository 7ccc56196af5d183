package dev.tendril.service.mail;

import java.net.IDN;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// One address that a letter can go to: plain ASCII, no comment, no quotes, nothing that could end
/// a header. A domain of other letters becomes its ASCII form. Its [#toString] hides it.
///
/// @param text such as `ada@example.org`, at most 254 characters
public record EmailAddress(String text) {

    private static final int LONGEST = 254;
    private static final Pattern LOCAL =
            Pattern.compile("[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*");
    private static final Pattern DOMAIN =
            Pattern.compile(
                    "([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z][A-Za-z0-9-]{0,61}[A-Za-z0-9]");

    /// @return null if it is no address that we send to
    public static @Nullable EmailAddress parse(@Nullable String typed) {
        if (typed == null || typed.length() > LONGEST) {
            return null;
        }
        String plain = typed.strip();
        int at = plain.lastIndexOf('@');
        if (at < 1 || at > 64 || !LOCAL.matcher(plain.substring(0, at)).matches()) {
            return null;
        }
        String domain;
        try {
            domain = IDN.toASCII(plain.substring(at + 1), IDN.USE_STD3_ASCII_RULES);
        } catch (IllegalArgumentException _) {
            return null;
        }
        String text = plain.substring(0, at + 1) + domain.toLowerCase(Locale.ROOT);
        return DOMAIN.matcher(domain).matches() && text.length() <= LONGEST
                ? new EmailAddress(text)
                : null;
    }

    /// What is counted as one mailbox: letter case and what stands behind a plus do not make
    /// another.
    public String counted() {
        int at = text.lastIndexOf('@');
        String local = text.substring(0, at);
        int plus = local.indexOf('+');
        return (plus > 0 ? local.substring(0, plus) : local).toLowerCase(Locale.ROOT)
                + text.substring(at);
    }

    @Override
    public String toString() {
        return "***";
    }
}
