package taskmaster.api;

import java.util.Optional;

/** The nearest of some known words to a mistyped one. */
public final class DidYouMean {
  private static final int SHORTEST_BEGINNING = 2;

  private DidYouMean() {}

  /**
   * The one candidate that begins with the word; else the one with the fewest edits, if few enough for the word's length,
   * and of several the first by the alphabet.
   */
  public static Optional<String> among(Iterable<String> candidates, String word) {
    Optional<String> whole = completed(candidates, word);
    return whole.isPresent() ? whole : nearest(candidates, word);
  }

  private static Optional<String> completed(Iterable<String> candidates, String word) {
    String only = null;
    for (String candidate : candidates) {
      if (!candidate.startsWith(word)) continue;
      if (only != null) return Optional.empty();
      only = candidate;
    }
    return word.length() < SHORTEST_BEGINNING ? Optional.empty() : Optional.ofNullable(only);
  }

  private static Optional<String> nearest(Iterable<String> candidates, String word) {
    int allowed = Math.max(1, word.length() / 3);
    String best = null;
    int fewest = allowed + 1;
    for (String candidate : candidates) {
      int edits = edits(candidate, word);
      if (edits < fewest || best != null && edits == fewest && candidate.compareTo(best) < 0) {
        fewest = edits;
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  /** The suggestion as it ends an error, or nothing: {@code " (did you mean fast_ok?)"}. */
  public static String hint(Iterable<String> candidates, String word) {
    return among(candidates, word).map(it -> " (did you mean " + it + "?)").orElse("");
  }

  /** Insertions, deletions, replacements and swaps of neighbours that turn one word into the other. */
  private static int edits(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) d[i][0] = i;
    for (int j = 0; j <= b.length(); j++) d[0][j] = j;
    for (int i = 1; i <= a.length(); i++) {
      for (int j = 1; j <= b.length(); j++) {
        int replace = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replace, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
        boolean swapped =
            i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
    return d[a.length()][b.length()];
  }
}
