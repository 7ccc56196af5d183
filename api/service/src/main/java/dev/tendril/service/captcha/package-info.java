/// Asks a visitor's browser for some work, or for a word of somebody who watches browsers, when the
/// limits say so. By default a proof of work of our own in ALTCHA's wire; Turnstile and hCaptcha
/// stand behind the same seam.
@NullMarked
package dev.tendril.service.captcha;

import org.jspecify.annotations.NullMarked;
