package dev.tendril.service.session;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.service.captcha.Captcha;
import dev.tendril.service.problem.ProblemException;
import jakarta.inject.Singleton;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Whether a code opens a site. Wrong, unknown, expired, revoked, malformed, empty, or no such
/// site: one query, one hash, one answer, whatever the reason.
@Singleton
final class CodeCheck {

    private static final Logger LOG = LoggerFactory.getLogger(CodeCheck.class);
    private static final int LONGEST_SITE = 40;
    private static final AccessCode NOBODY = new AccessCode("0000", "000000000000000");

    private final CodeStore codes;
    private final CodeHash hash;
    private final AttemptLimits limits;
    private final Captcha captcha;

    CodeCheck(CodeStore codes, CodeHash hash, AttemptLimits limits, Captcha captcha) {
        this.codes = codes;
        this.hash = hash;
        this.limits = limits;
        this.captcha = captcha;
    }

    /// @param network who tries, for the limits
    /// @param shown what was asked for by `captcha_required`
    /// @throws ProblemException `invalid_code`, `captcha_required`, `rate_limited`, `unavailable`
    CodeStore.Found check(
            @Nullable String site, @Nullable String typed, String network, @Nullable String shown) {
        AccessCode parsed = AccessCode.parse(typed);
        AccessCode code = parsed == null ? NOBODY : parsed;
        // No workspace has an empty slug, so a site that cannot be asks the database all the same.
        String slug =
                site == null || site.length() > LONGEST_SITE || site.indexOf('\0') >= 0 ? "" : site;
        String counted = slug + " " + code.publicId();
        limits.enter(network, counted);
        if (limits.doubtful(network) && !captcha.accepts(shown, slug)) {
            throw ProblemException.of(ErrorCode.CAPTCHA_REQUIRED);
        }
        CodeStore.Found found = codes.find(slug, code.publicId());
        boolean right =
                hash.matches(code.secret(), found == null ? CodeHash.DUMMY : found.secretHash());
        if (found == null || parsed == null || !right || !found.usable()) {
            limits.wrong(network, counted);
            LOG.atInfo().addKeyValue("event.action", "authn_login_fail").log("access code refused");
            throw ProblemException.of(ErrorCode.INVALID_CODE);
        }
        return found;
    }
}
