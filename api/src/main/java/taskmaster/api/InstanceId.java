package taskmaster.api;

/**
 * One of a program's {@code numprocs} places, printed {@code web:0}.
 *
 * @param program the program's name as the file has it
 * @param index 0 to {@code numprocs - 1}
 */
public record InstanceId(String program, int index) implements Comparable<InstanceId> {
  public InstanceId {
    if (index < 0) throw new IllegalArgumentException("negative index: " + program + ":" + index);
  }

  @Override
  public int compareTo(InstanceId other) {
    int byProgram = program.compareTo(other.program);
    return byProgram != 0 ? byProgram : Integer.compare(index, other.index);
  }

  @Override
  public String toString() {
    return program + ":" + index;
  }
}
