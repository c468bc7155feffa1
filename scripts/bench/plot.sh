# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# The medians as bars, on a logarithmic scale, as SVG; readable on light and on dark.

# A panel for each figure that somebody beside TaskMaster has a median of.
plot() {
  figures | awk -F'|' -v medians="$work/medians" -v order="${COLUMNS_OF_ALL[*]}" -v labels="$(for who in "${COLUMNS_OF_ALL[@]}"; do label "$who"; done | paste -sd'|')" '
    function show(x) { return sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : "%.2f", x) }
    function log10(x) { return log(x) / log(10) }
    function floor(x) { return x == int(x) || x > 0 ? int(x) : int(x) - 1 }
    function power(e) { return e >= 0 ? sprintf("%d", 10 ^ e) : sprintf("%." (-e) "f", 10 ^ e) }
    function text(x, y, class, anchor, what) { out = out sprintf("<text x=\"%.1f\" y=\"%.1f\" class=\"%s\" text-anchor=\"%s\">%s</text>\n", x, y, class, anchor, what) }
    function panel(figure, unit, title, rate,    i, k, low, high, e, w, x, y, from) {
      low = 1e300; high = 0
      for (i = 1; i <= n; i++) { k = figure " " who[i]; if (k in m) { v = m[k] > 0.01 ? m[k] : 0.01; if (v < low) low = v; if (v > high) high = v } }
      low = floor(log10(low)); if (10 ^ low >= high) high = 10 ^ (low + 1); high = log10(high)
      if (high < low + 1) high = low + 1
      low -= 0.25   # so that the least bar is one
      x = at_x[column]; y = at_y[column]
      text(x, y + 14, "title", "start", title (unit == "" ? "" : ", " unit) (rate ? " (more is better)" : ""))
      y += 24; from = x + NAME
      bars = 0
      for (i = 1; i <= n; i++) bars += (figure " " who[i]) in m
      for (e = floor(low) + 1; e <= high; e++) {
        w = from + (e - low) / (high - low) * BAR
        out = out sprintf("<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" class=\"grid\"/>\n", w, y, w, y + bars * ROW + 2)
        text(w, y + bars * ROW + 13, "tick", "middle", power(e))
      }
      for (i = 1; i <= n; i++) {
        k = figure " " who[i]
        if (!(k in m)) continue
        v = m[k] > 0.01 ? m[k] : 0.01
        w = (log10(v) - low) / (high - low) * BAR
        if (w < 2) w = 2
        text(from - 8, y + 12, i == 1 ? "own" : "name", "end", name[i])
        out = out sprintf("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%d\" rx=\"2\" class=\"%s\"/>\n", from, y + 2, w, ROW - 5, who[i] == "taskmaster" ? "ours" : who[i] == "limit" ? "limit" : "other")
        text(from + w + 6, y + 12, i == 1 ? "own" : "value", "start", show(m[k]))
        y += ROW
      }
      at_y[column] = y + 34
    }
    BEGIN {
      NAME = 92; BAR = 250; ROW = 17; WIDTH = 860
      n = split(order, who, " "); split(labels, name, "|")
      while ((getline line < medians) > 0) { split(line, f, " "); m[f[1] " " f[2]] = f[3]; if (f[2] != "taskmaster") beside[f[1]] = 1 }
      at_x[1] = 16; at_x[2] = 446; at_y[1] = at_y[2] = 58
    }
    $6 != "" && ($1 " taskmaster") in m && $1 in beside {
      sub(/^… /, programs_title ", ", $6)
      if ($1 == "up") programs_title = $6
      column = at_y[1] <= at_y[2] ? 1 : 2
      panel($1, $3, $6, $5)
    }
    END {
      height = at_y[1] > at_y[2] ? at_y[1] : at_y[2]
      printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" width=\"%d\" height=\"%d\" role=\"img\" aria-label=\"TaskMaster beside other supervisors\">\n", WIDTH, height, WIDTH, height
      print "<style>"
      print "text { font: 12px system-ui, -apple-system, \"Segoe UI\", Roboto, \"DejaVu Sans\", sans-serif; fill: #57606a }"
      print ".title { font-weight: 600; font-size: 13px; fill: #1f2328 } .own { font-weight: 600; fill: #1f2328 } .head { font-weight: 600; font-size: 16px; fill: #1f2328 }"
      print ".tick { font-size: 10px; fill: #8b949e } .grid { stroke: #8b949e; stroke-opacity: .35; stroke-dasharray: 2 3 }"
      print ".ours { fill: #1f7ae0 } .other { fill: #9aa4af } .limit { fill: #9aa4af; fill-opacity: .25; stroke: #8b949e }"
      print "@media (prefers-color-scheme: dark) { text { fill: #9aa4af } .title, .own, .head { fill: #e6edf3 } .ours { fill: #4a9bff } .other { fill: #6e7781 } }"
      print "</style>"
      out_body = out; out = ""
      text(16, 26, "head", "start", "Medians, logarithmic scale, less is better")
      printf "%s%s</svg>\n", out, out_body
    }'
}
