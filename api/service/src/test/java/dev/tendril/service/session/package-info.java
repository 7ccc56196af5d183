@NullMarked
package dev.tendril.service.session;

import org.jspecify.annotations.NullMarked;
