/// Letters by SMTP. A feature puts a letter into the outbox in the transaction that decides it; the
/// [Postman] of any relay takes it from there, so no request ever waits for a mail server.
///
/// Never twice: a letter is marked before it is handed over. What the server refused for now (4xx,
/// nobody there) is tried again with growing pauses; what it refused for good (5xx) is not. When
/// nobody can tell whether the server took it, because the line broke after the text or the relay
/// died, the letter has failed and is not sent again. Address and text are erased when it ends.
@NullMarked
package dev.tendril.service.mail;

import org.jspecify.annotations.NullMarked;
