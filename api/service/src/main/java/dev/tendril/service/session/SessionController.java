package dev.tendril.service.session;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.session.Agree;
import dev.tendril.contract.session.OpenSession;
import dev.tendril.contract.session.RefreshSession;
import dev.tendril.contract.session.SessionGrant;
import dev.tendril.service.auth.Callers;
import dev.tendril.service.auth.ClientAddress;
import dev.tendril.service.auth.Tokens;
import dev.tendril.service.auth.Visitor;
import dev.tendril.service.problem.ProblemException;
import io.micronaut.http.HttpRequest;
import io.micronaut.http.HttpStatus;
import io.micronaut.http.annotation.Body;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Delete;
import io.micronaut.http.annotation.Post;
import io.micronaut.http.annotation.Status;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;
import java.security.SecureRandom;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Opening, renewing and leaving a visitor session.
@Controller("/api/v1/sessions")
@ExecuteOn(TaskExecutors.BLOCKING)
final class SessionController {

    private static final Logger LOG = LoggerFactory.getLogger(SessionController.class);

    private final CodeCheck codes;
    private final SessionStore sessions;
    private final Tokens tokens;
    private final Callers callers;
    private final ClientAddress addresses;
    private final SecureRandom random = new SecureRandom();

    SessionController(
            CodeCheck codes,
            SessionStore sessions,
            Tokens tokens,
            Callers callers,
            ClientAddress addresses) {
        this.codes = codes;
        this.sessions = sessions;
        this.tokens = tokens;
        this.callers = callers;
        this.addresses = addresses;
    }

    @Post
    @Status(HttpStatus.CREATED)
    @Secured(SecurityRule.IS_ANONYMOUS)
    SessionGrant open(@Body OpenSession request, HttpRequest<?> http) {
        String site = Objects.requireNonNullElse(request.site(), "");
        String secret = Objects.requireNonNullElse(request.code(), "");
        CodeStore.Found code =
                codes.check(site, secret, addresses.networkOf(http), request.captcha());
        RefreshSecret refresh = RefreshSecret.random(random);
        Integer asked = sessions.askedFor(code.id());
        if (asked != null && !asked.equals(request.consent())) {
            throw notAgreed();
        }
        SessionStore.Session session =
                sessions.open(code.id(), code.generation(), refresh, request.consent());
        if (session == null) {
            throw ProblemException.of(ErrorCode.INVALID_CODE);
        }
        LOG.atInfo()
                .addKeyValue("event.action", "session_created")
                .addKeyValue("session.id", session.id())
                .log("session opened");
        return grant(session, refresh);
    }

    @Post("/refresh")
    @Secured(SecurityRule.IS_ANONYMOUS)
    SessionGrant refresh(@Body RefreshSession request) {
        if (request.refresh() == null) {
            throw new ProblemException(ErrorCode.INVALID_REQUEST, "Send the refresh secret.");
        }
        RefreshSecret next = RefreshSecret.random(random);
        return switch (sessions.refresh(new RefreshSecret(request.refresh()), next)) {
            case SessionStore.Refreshed.Renewed(var session) -> grant(session, next);
            case SessionStore.Refreshed.Unknown() ->
                    throw ProblemException.of(ErrorCode.SESSION_ENDED);
            case SessionStore.Refreshed.Reused(var sessionId) -> {
                callers.forget(sessionId);
                LOG.atWarn()
                        .addKeyValue("event.action", "authn_token_revoked")
                        .addKeyValue("session.id", sessionId)
                        .log("refresh secret used twice: session ended");
                throw ProblemException.of(ErrorCode.SESSION_ENDED);
            }
        };
    }

    @Delete("/current")
    @Status(HttpStatus.NO_CONTENT)
    @Secured(Visitor.ROLE)
    void leave(Visitor visitor) {
        sessions.end(visitor.sessionId());
        callers.forget(visitor.sessionId());
    }

    /// The visitor agrees to the text that the site asks for now.
    @Post("/current/consent")
    @Status(HttpStatus.NO_CONTENT)
    @Secured(Visitor.ROLE)
    void agree(Visitor visitor, @Body Agree agree) {
        if (!sessions.agree(visitor, agree.version())) {
            throw notAgreed();
        }
        callers.forget(visitor.sessionId());
    }

    private static ProblemException notAgreed() {
        return new ProblemException(
                ErrorCode.CONSENT_REQUIRED, "Show the site's text and send its version.");
    }

    private SessionGrant grant(SessionStore.Session session, RefreshSecret refresh) {
        Tokens.Issued token =
                tokens.issue(
                        Tokens.Kind.VISITOR,
                        session.workspaceId(),
                        session.id(),
                        session.expiresAt());
        return new SessionGrant(
                token.token(), token.expiresAt(), refresh.text(), session.expiresAt());
    }
}
