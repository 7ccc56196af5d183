package dev.tendril.worker.cli;

import picocli.CommandLine.IVersionProvider;

/// The program's version, from its jar.
public final class Version implements IVersionProvider {
    /// The version, `dev` outside of a jar.
    public static String text() {
        String version = Version.class.getPackage().getImplementationVersion();
        return version == null ? "dev" : version;
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "tendril worker " + text(), "Java " + Runtime.version() + " on ${os.name} ${os.arch}"
        };
    }
}
