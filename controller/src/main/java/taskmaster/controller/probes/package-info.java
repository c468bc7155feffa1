/** Probes over the network, on virtual threads; nothing here is loaded before the first of them is made. */
@NullMarked
package taskmaster.controller.probes;

import org.jspecify.annotations.NullMarked;
