/** What a URL of the file means beyond what the JDK's client makes of it. */
@NullMarked
package taskmaster.controller.urls;

import org.jspecify.annotations.NullMarked;
