/** The programs' output: every byte of a run's pipes into its file, which is rotated; never through the Java heap. */
@NullMarked
package taskmaster.controller.logs;

import org.jspecify.annotations.NullMarked;
