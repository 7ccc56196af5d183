package dev.tendril.service.captcha;

import dev.tendril.contract.session.CaptchaOffer;
import org.jspecify.annotations.Nullable;

/// Limits alone.
final class NoCaptcha implements Captcha {
    @Override
    public @Nullable CaptchaOffer offer(String site) {
        return null;
    }

    @Override
    public boolean accepts(@Nullable String shown, String site) {
        return true;
    }
}
