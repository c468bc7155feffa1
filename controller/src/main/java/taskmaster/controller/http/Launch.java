package taskmaster.controller.http;

import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import taskmaster.api.Attributes;
import taskmaster.api.Identity;
import taskmaster.api.InstanceId;

/**
 * What an instance was started with, or would be now.
 *
 * @param pid null where it does not run
 * @param prefix tools that become the program
 * @param refused why it would not be started, as far as that is known before
 * @param isAsGiven whether {@code env} is what the process was given, and not what it would be given now
 * @param identity the user that it has in the end, as {@code attributes} has the rest
 */
public record Launch(
    InstanceId id,
    @Nullable Integer pid,
    List<String> argv,
    List<String> prefix,
    @Nullable String refused,
    Path workingdir,
    Identity identity,
    int umask,
    Attributes attributes,
    SortedMap<String, String> env,
    boolean isAsGiven) {}
