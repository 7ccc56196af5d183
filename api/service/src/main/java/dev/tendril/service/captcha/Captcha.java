package dev.tendril.service.captcha;

import dev.tendril.contract.session.CaptchaOffer;
import org.jspecify.annotations.Nullable;

/// What a visitor must show when the limits ask for it.
public sealed interface Captcha permits NoCaptcha, ProofOfWork, AskedElsewhere {

    /// What to show for this site; null when nothing is ever asked for.
    @Nullable CaptchaOffer offer(String site);

    /// Whether this was shown, for this site and for the first time.
    ///
    /// @param shown as the visitor sent it; null when nothing came
    boolean accepts(@Nullable String shown, String site);
}
