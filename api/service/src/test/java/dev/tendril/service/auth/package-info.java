@NullMarked
package dev.tendril.service.auth;

import org.jspecify.annotations.NullMarked;
