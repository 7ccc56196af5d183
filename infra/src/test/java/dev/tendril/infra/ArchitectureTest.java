package dev.tendril.infra;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// The module's shape: arrows point down, and nothing of the programs under test is called.
@AnalyzeClasses(
        packages = "dev.tendril.infra",
        importOptions = ImportOption.DoNotIncludeTests.class)
final class ArchitectureTest {

    @ArchTest
    static final ArchRule NO_CYCLES =
            slices().matching("dev.tendril.infra.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule PROGRAMS_UNDER_TEST_RUN_AS_PROCESSES =
            noClasses()
                    .that()
                    .doNotHaveFullyQualifiedName("dev.tendril.infra.house.Database")
                    .and()
                    .resideOutsideOfPackage("..infra.load..") // runs in a process of its own
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(
                            "dev.tendril.service..", "dev.tendril.relay..", "dev.tendril.worker..");

    @ArchTest
    static final ArchRule PROCESSES_KNOW_NOTHING_OF_TENDRIL =
            noClasses()
                    .that()
                    .resideInAPackage("..infra.stage..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage("dev.tendril.contract..", "dev.tendril.infra.house..");

    @ArchTest
    static final ArchRule SQL_IN_STORES =
            noClasses()
                    .that()
                    .haveSimpleNameNotEndingWith("Store")
                    .should()
                    .dependOnClassesThat()
                    .resideInAPackage("java.sql..");

    @ArchTest
    static final ArchRule NAMES_OWN_A_VERB =
            noClasses()
                    .should()
                    .haveSimpleNameEndingWith("Manager")
                    .orShould()
                    .haveSimpleNameEndingWith("Helper")
                    .orShould()
                    .haveSimpleNameEndingWith("Util")
                    .orShould()
                    .haveSimpleNameEndingWith("Impl")
                    .orShould()
                    .haveSimpleNameEndingWith("Service");
}
