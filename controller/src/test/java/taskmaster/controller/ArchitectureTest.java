package taskmaster.controller;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The arrows of docs/ARCHITECTURE.md. */
class ArchitectureTest {
  private static final JavaClasses CLASSES =
      new ClassFileImporter().withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("taskmaster");

  @Test
  void the_api_is_values_and_nothing_else() {
    noClasses().that().resideInAPackage("taskmaster.api").should().dependOnClassesThat(
        resideOutsideOfPackages("taskmaster.api", "java.lang..", "java.util..", "java.time..", "java.nio.file..", "org.jspecify..")).check(CLASSES);
  }

  @Test
  void the_reading_of_logs_needs_the_platform_alone() {
    noClasses().that().resideInAPackage("taskmaster.api.logs..")
        .should().dependOnClassesThat(resideOutsideOfPackages("taskmaster.api..", "java..", "org.jspecify..")).check(CLASSES);
    noClasses().that().resideInAPackage("taskmaster.controller.core..")
        .should().dependOnClassesThat().resideInAPackage("taskmaster.api.logs..").check(CLASSES);
  }

  @Test
  void the_core_knows_the_api_and_basics_only() {
    noClasses().that().resideInAPackage("taskmaster.controller.core..").should().dependOnClassesThat(
        resideOutsideOfPackages(
            "taskmaster.api..", "taskmaster.controller.core..", "java.lang..", "java.util..", "java.time..", "java.nio.file..", "org.jspecify.."))
        .check(CLASSES);
    noClasses().that().resideInAnyPackage("taskmaster.api", "taskmaster.controller.core..")
        .should().dependOnClassesThat().haveFullyQualifiedName("java.nio.file.Files")
        .because("a path is a value, what it leads to is not").check(CLASSES);
  }

  @Test
  void the_pure_parts_read_no_clock_and_roll_no_dice() {
    noClasses().that().resideInAnyPackage("taskmaster.api", "taskmaster.controller.core..", "taskmaster.controller.config..")
        .or().haveFullyQualifiedName("taskmaster.controller.Loop")
        .should().callMethod(System.class, "nanoTime")
        .orShould().callMethod(System.class, "currentTimeMillis")
        .orShould().callMethod(java.time.Instant.class, "now")
        .orShould().callMethod(Thread.class, "sleep", long.class)
        .orShould().dependOnClassesThat().areAssignableTo(java.util.Random.class)
        .orShould().dependOnClassesThat().haveNameMatching("java\\.util\\.concurrent\\.ThreadLocalRandom|java\\.util\\.Timer")
        .check(CLASSES);
  }

  @Test
  void foreign_memory_is_spoken_in_linux_alone() {
    noClasses().that().resideOutsideOfPackage("taskmaster.controller.linux..")
        .should().dependOnClassesThat().resideInAPackage("java.lang.foreign..").check(CLASSES);
  }

  @Test
  void processes_are_started_by_linux_alone() {
    noClasses().should().dependOnClassesThat().areAssignableTo(ProcessBuilder.class)
        .orShould().callMethod(Runtime.class, "exec", String.class)
        .orShould().callMethod(Runtime.class, "exec", String[].class).check(CLASSES);
  }

  @Test
  void each_edge_knows_the_core_and_not_the_other_edges() {
    arrow("kernel", "config", "linux", "logs", "alerts", "http", "probes");
    arrow("config", "core", "kernel", "linux", "logs", "alerts", "http", "probes");
    arrow("probes", "kernel", "config", "linux", "logs", "alerts", "http");
    arrow("linux", "config", "logs", "alerts", "http");
    arrow("logs", "config", "alerts", "http", "probes");
    arrow("alerts", "config", "linux", "logs", "http", "probes");
    arrow("http", "linux", "logs", "probes");
  }

  private static void arrow(String from, String... forbidden) {
    for (String to : forbidden) {
      noClasses().that().resideInAPackage("taskmaster.controller." + from + "..")
          .should().dependOnClassesThat(resideInAPackage("taskmaster.controller." + to + "..")).check(CLASSES);
    }
  }

  @Test
  void packages_have_no_cycles() {
    slices().matching("taskmaster.(**)").should().beFreeOfCycles().check(CLASSES);
  }

  @Test
  void no_package_is_a_drawer_for_odds_and_ends() {
    noClasses().should().resideInAnyPackage("..util..", "..utils..", "..common..", "..impl..").check(CLASSES);
  }
}
