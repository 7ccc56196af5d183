package dev.tendril.worker;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.inject.Inject;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.AsynchronousServerSocketChannel;
import java.nio.channels.ServerSocketChannel;
import java.time.Instant;

@AnalyzeClasses(
        packages = "dev.tendril.worker",
        importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule NOTHING_LISTENS =
            noClasses()
                    .that()
                    .resideOutsideOfPackage("..worker.local..")
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            ServerSocket.class,
                            ServerSocketChannel.class,
                            AsynchronousServerSocketChannel.class,
                            DatagramSocket.class)
                    .orShould()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "com.sun.net.httpserver..",
                            "io.micronaut.http.server..",
                            "io.netty..",
                            "java.rmi..",
                            "javax.management.remote..");

    /// A Unix-domain socket is no network: `local` alone may listen, on nothing else.
    @ArchTest
    static final ArchRule WHAT_LISTENS_IS_A_FILE =
            noClasses()
                    .that()
                    .resideInAPackage("..worker.local..")
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(
                            ServerSocket.class,
                            InetSocketAddress.class,
                            AsynchronousServerSocketChannel.class,
                            DatagramSocket.class)
                    .orShould()
                    .callMethod(ServerSocketChannel.class, "open");

    @ArchTest
    static final ArchRule ARROWS_POINT_DOWN =
            layeredArchitecture()
                    .consideringOnlyDependenciesInLayers()
                    .layer("root")
                    .definedBy("dev.tendril.worker")
                    .layer("cli")
                    .definedBy("..worker.cli..")
                    .layer("chat")
                    .definedBy("..worker.chat..")
                    .layer("content")
                    .definedBy("..worker.content..")
                    .layer("run")
                    .definedBy("..worker.run..")
                    .layer("model")
                    .definedBy("..worker.model..")
                    .layer("link")
                    .definedBy("..worker.link..")
                    .layer("auth")
                    .definedBy("..worker.auth..")
                    .whereLayer("root")
                    .mayNotBeAccessedByAnyLayer()
                    .whereLayer("cli")
                    .mayOnlyBeAccessedByLayers("root")
                    .whereLayer("chat")
                    .mayOnlyBeAccessedByLayers("root")
                    .whereLayer("content")
                    .mayOnlyBeAccessedByLayers("root")
                    .whereLayer("run")
                    .mayOnlyBeAccessedByLayers("root", "chat")
                    .whereLayer("model")
                    .mayOnlyBeAccessedByLayers("root", "cli", "chat", "content")
                    .layer("attach")
                    .definedBy("..worker.attach..")
                    .layer("channel")
                    .definedBy("..worker.channel..")
                    .whereLayer("link")
                    .mayOnlyBeAccessedByLayers("root", "run", "chat", "channel", "attach")
                    .layer("terminal")
                    .definedBy("..worker.terminal..")
                    .whereLayer("channel")
                    .mayOnlyBeAccessedByLayers("root", "cli", "attach", "terminal")
                    .whereLayer("terminal")
                    .mayOnlyBeAccessedByLayers("root", "attach")
                    .whereLayer("attach")
                    .mayOnlyBeAccessedByLayers("root", "cli");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.tendril.worker.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_OTHER_MODULE_THAN_THE_CONTRACT =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.tendril.service..", "dev.tendril.relay..");

    @ArchTest
    static final ArchRule OWNED_NAMES =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Util|Utils|Impl|Service)");

    @ArchTest
    static final ArchRule TIME_COMES_FROM_A_CLOCK =
            noClasses().should().callMethod(Instant.class, "now");

    @ArchTest
    static final ArchRule NO_FIELD_INJECTION =
            fields().should().notBeAnnotatedWith(Inject.class).allowEmptyShould(true);
}
