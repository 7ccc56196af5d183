package dev.tendril.contract;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

@AnalyzeClasses(
        packages = "dev.tendril.contract",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    /// Words, their JSON, and the channel's cryptography.
    @ArchTest
    static final ArchRule NO_INPUT_AND_OUTPUT =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "java.sql..",
                            "java.net..",
                            "java.nio.file..",
                            "java.nio.channels..",
                            "io.micronaut.http..",
                            "io.netty..",
                            "org.slf4j..",
                            "dev.tendril.service..",
                            "dev.tendril.relay..",
                            "dev.tendril.worker..");

    @ArchTest
    static final ArchRule OWNED_NAMES =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Util|Utils|Impl|Service)");

    @ArchTest
    static final ArchRule TIME_COMES_FROM_A_CLOCK =
            noClasses().should().callMethod(Instant.class, "now");
}
