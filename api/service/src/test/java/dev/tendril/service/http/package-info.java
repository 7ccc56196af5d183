/// A real HTTP client for the tests of the running application.
@NullMarked
package dev.tendril.service.http;

import org.jspecify.annotations.NullMarked;
