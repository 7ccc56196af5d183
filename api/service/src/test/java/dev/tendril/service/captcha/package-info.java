/// Tests of what visitors must show.
@org.jspecify.annotations.NullMarked
package dev.tendril.service.captcha;
