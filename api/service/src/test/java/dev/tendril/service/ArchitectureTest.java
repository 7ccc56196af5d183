package dev.tendril.service;

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
import java.time.Clock;
import java.time.Instant;

@AnalyzeClasses(
        packages = "dev.tendril.service",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {
    /// `PostgresSignals` has LISTEN and NOTIFY alone, which read and write no row.
    @ArchTest
    static final ArchRule SQL_ONLY_IN_STORES =
            noClasses()
                    .that()
                    .haveSimpleNameNotEndingWith("Store")
                    .and()
                    .haveNameNotMatching(".*(Store\\$.*|\\.PostgresSignals)")
                    .and()
                    .resideOutsideOfPackage("..service.database..")
                    .should()
                    .dependOnClassesThat()
                    .belongToAnyOf(PreparedStatement.class, Statement.class);

    @ArchTest
    static final ArchRule STREAM_KNOWS_NO_RUN_AND_NO_FEATURE =
            noClasses()
                    .that()
                    .resideInAPackage("..service.stream..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "..service.run..",
                            "..service.chat..",
                            "..service.session..",
                            "..service.worker..",
                            "..service.workspace..");

    @ArchTest
    static final ArchRule RUN_KNOWS_NO_FEATURE =
            noClasses()
                    .that()
                    .resideInAPackage("..service.run..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "..service.chat..", "..service.session..", "..service.workspace..");

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.tendril.service.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule NO_RELAY_AND_NO_WORKER =
            noClasses()
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.tendril.relay..", "dev.tendril.worker..");

    @ArchTest
    static final ArchRule OWNED_NAMES =
            noClasses().should().haveNameMatching(".*(Manager|Helper|Util|Utils|Impl|Service)");

    @ArchTest
    static final ArchRule TIME_COMES_FROM_A_CLOCK =
            noClasses()
                    .should()
                    .callMethod(Instant.class, "now")
                    .orShould()
                    .callMethod(Clock.class, "systemUTC");

    @ArchTest
    static final ArchRule NO_FIELD_INJECTION =
            fields().should().notBeAnnotatedWith(Inject.class).allowEmptyShould(true);
}
