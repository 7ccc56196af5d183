package dev.tendril.worker.cli;

import dev.tendril.worker.channel.DeviceFile;
import dev.tendril.worker.channel.EnrolledDevice;
import dev.tendril.worker.local.ControlSocket;
import dev.tendril.worker.local.Talk;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `tendril worker device`: the devices that were let in.
@Singleton
@Command(
        name = "device",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        usageHelpWidth = 96,
        synopsisSubcommandLabel = "COMMAND",
        description = {
            "Lists, renames, restricts and revokes the devices that you paired. What you change holds"
                    + " at once, also for a device that is connected.",
            ""
        })
public final class DeviceCommand implements Runnable {

    @Spec @Nullable CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec().commandLine(), "Say what to do: list, rename, scope or revoke.");
    }

    private CommandSpec spec() {
        if (spec == null) {
            throw new IllegalStateException("not made by picocli");
        }
        return spec;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            description = "One line each: id, scopes, fingerprint, last seen, name.")
    int list(@Mixin WorkerFolder folder) throws CannotStart {
        PrintWriter out = spec().commandLine().getOut();
        try {
            for (EnrolledDevice device : new DeviceFile(folder.path()).list()) {
                out.println(
                        String.join(
                                "\t",
                                device.id(),
                                DeviceFile.text(device.scopes()),
                                device.fingerprint(),
                                device.seenAt() == null ? "never" : device.seenAt().toString(),
                                device.label()));
            }
        } catch (IOException e) {
            throw unusable(folder, e);
        }
        out.flush();
        return Exit.OK;
    }

    @Command(
            name = "rename",
            mixinStandardHelpOptions = true,
            description = "Gives a device another name.")
    int rename(
            @Mixin WorkerFolder folder,
            @Parameters(paramLabel = "DEVICE", description = "its id or name") String device,
            @Parameters(paramLabel = "NAME") String name)
            throws CannotStart {
        if (name.isBlank() || name.length() > 64 || name.chars().anyMatch(c -> c < ' ')) {
            throw new ParameterException(
                    spec().commandLine(), "A name has 1 to 64 printable characters.");
        }
        return change(folder, device, file -> file.update(device, d -> d.labelled(name)));
    }

    @Command(
            name = "scope",
            mixinStandardHelpOptions = true,
            description = "Says anew what a device may do.")
    int scope(
            @Mixin WorkerFolder folder,
            @Parameters(paramLabel = "DEVICE", description = "its id or name") String device,
            @Parameters(paramLabel = "SCOPES", description = "of chat, trace, terminal, admin")
                    String scopes)
            throws CannotStart {
        try {
            var allowed = DeviceFile.scopes(scopes);
            return change(folder, device, file -> file.update(device, d -> d.scoped(allowed)));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec().commandLine(), e.getMessage(), e);
        }
    }

    @Command(
            name = "revoke",
            mixinStandardHelpOptions = true,
            description = "Ends a device: it is cut off and never comes in again.")
    int revoke(
            @Mixin WorkerFolder folder,
            @Parameters(paramLabel = "DEVICE", description = "its id or name") String device)
            throws CannotStart {
        return change(folder, device, file -> file.revoke(device));
    }

    private interface Change {
        boolean on(DeviceFile file) throws IOException;
    }

    private static int change(WorkerFolder folder, String device, Change change)
            throws CannotStart {
        try {
            if (!change.on(new DeviceFile(folder.path()))) {
                throw new CannotStart(Exit.USAGE, "There is no device " + device + ".");
            }
        } catch (IOException e) {
            throw unusable(folder, e);
        }
        tell(folder);
        return Exit.OK;
    }

    /// A running worker applies it to those that are connected; a stopped one reads it when it
    /// starts.
    private static void tell(WorkerFolder folder) throws CannotStart {
        if (!Files.exists(folder.path().resolve("control.sock"))) {
            return;
        }
        Talk talk;
        try {
            talk = ControlSocket.connect(folder.path());
        } catch (IOException e) {
            return; // Left behind by a worker that was killed.
        }
        try (talk) {
            talk.say(Map.of("do", "reload"));
            if (talk.hear() == null) {
                throw new IOException("no answer");
            }
        } catch (IOException e) {
            throw new CannotStart(
                    Exit.BROKEN,
                    "It is written down, but the running worker did not confirm it: restart it.");
        }
    }

    private static CannotStart unusable(WorkerFolder folder, IOException e) {
        return new CannotStart(
                Exit.DATA,
                "The devices in " + folder.path() + " cannot be used: " + e.getMessage() + ".");
    }
}
