package dev.tendril.service.workspace;

import dev.tendril.contract.problem.ErrorCode;
import dev.tendril.contract.session.Site;
import dev.tendril.service.mail.SmtpSettings;
import dev.tendril.service.problem.ProblemException;
import dev.tendril.service.worker.PresenceStore;
import io.micronaut.http.annotation.Controller;
import io.micronaut.http.annotation.Get;
import io.micronaut.scheduling.TaskExecutors;
import io.micronaut.scheduling.annotation.ExecuteOn;
import io.micronaut.security.annotation.Secured;
import io.micronaut.security.rules.SecurityRule;

/// What anybody may know of a site.
@Controller("/api/v1/sites")
@ExecuteOn(TaskExecutors.BLOCKING)
@Secured(SecurityRule.IS_ANONYMOUS)
final class SiteController {

    /// Longest message, in code points.
    private static final int MESSAGE_CHARS = 4000;

    private final WorkspaceStore workspaces;
    private final PresenceStore presence;
    private final SmtpSettings mail;

    SiteController(WorkspaceStore workspaces, PresenceStore presence, SmtpSettings mail) {
        this.workspaces = workspaces;
        this.presence = presence;
        this.mail = mail;
    }

    @Get("/{site}")
    Site site(String site) {
        WorkspaceStore.Workspace workspace = site.indexOf('\0') >= 0 ? null : workspaces.find(site);
        if (workspace == null) {
            throw ProblemException.of(ErrorCode.NOT_FOUND);
        }
        return new Site(
                workspace.slug(),
                workspace.title(),
                workspace.greeting(),
                MESSAGE_CHARS,
                presence.presence(workspace.id()),
                mail.isOn(),
                workspace.consent());
    }
}
