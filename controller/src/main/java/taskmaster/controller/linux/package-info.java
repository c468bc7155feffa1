/**
 * Linux, spoken to through libc: the only package that may import {@code java.lang.foreign}. Descriptors are plain
 * ints here; every call that can fail answers like the kernel does, with a negative errno.
 */
@NullMarked
package taskmaster.controller.linux;

import org.jspecify.annotations.NullMarked;
