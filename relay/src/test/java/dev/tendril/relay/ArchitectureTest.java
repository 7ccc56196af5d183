package dev.tendril.relay;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import jakarta.inject.Inject;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Instant;

@AnalyzeClasses(
        packages = "dev.tendril.relay",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    @ArchTest
    static final ArchRule NO_SQL =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(PreparedStatement.class, Statement.class);

    /// The supervisor must come up at once, and so without an application context.
    @ArchTest
    static final ArchRule THE_SUPERVISOR_IS_LIGHT =
            noClasses()
                    .that()
                    .resideInAPackage("..relay.up..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "io.micronaut..", "org.slf4j..", "io.netty..", "java.sql..");

    @ArchTest
    static final ArchRule NO_WORKER =
            noClasses().should().dependOnClassesThat().resideInAPackage("dev.tendril.worker..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.tendril.relay.(*)..").should().beFreeOfCycles();

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
