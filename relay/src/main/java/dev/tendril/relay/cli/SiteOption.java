package dev.tendril.relay.cli;

import dev.tendril.service.workspace.WorkspaceStore;
import picocli.CommandLine.Option;

/// `--site`.
final class SiteOption {

    @Option(
            names = "--site",
            paramLabel = "SITE",
            defaultValue = Provision.SITE,
            description = "the workspace's name in /c/SITE (default home)")
    private String site = Provision.SITE;

    /// @throws RelayFailure there is no such workspace
    WorkspaceStore.Workspace find(House house) {
        WorkspaceStore.Workspace workspace = house.bean(WorkspaceStore.class).find(site);
        if (workspace == null) {
            throw new RelayFailure(
                    "There is no site "
                            + site
                            + "; make it with: relay workspace create "
                            + site
                            + " --title \"…\"");
        }
        return workspace;
    }
}
