# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# Medians, tables, what is required, and the report.

COLUMNS_OF_ALL=(taskmaster limit supervisord s6 runit pm2)
BEGIN_MARK='<!-- written by scripts/bench.sh: from here -->'
END_MARK='<!-- to here -->'

label() { case $1 in taskmaster) echo TaskMaster ;; limit) echo 'C limit' ;; *) echo "$1" ;; esac }

# figure|divisor of its samples|unit|title|rate: more is better|plot: its title there
figures() {
  local count
  cat <<EOT
up|1e9|s|$programs programs up, from the launch, output captured||$programs programs up
up_bare|1e9|s|… output discarded||… output discarded
answers|1e6|ms|first answer, from the launch, $few programs||first answer after launch
restart|1e6|ms|kill -9, to the next start||kill -9 to next start
status_command|1e6|ms|status of $few programs, command line||status, command line
status_http|1e6|ms|… HTTP||status, HTTP
reload_command|1e6|ms|reload, one program more than $programs, command line||
reload_http|1e6|ms|… HTTP||reload, one more, HTTP
reload_same|1e6|ms|reload of an unchanged file of $programs, HTTP||reload, unchanged, HTTP
stop|1e6|ms|stop all of $programs||stop all of $programs
memory_few|1024|MiB|memory (PSS), $few programs||memory, $few programs
memory_many|1024|MiB|… $programs programs||memory, $programs programs
idle|1|%|CPU at rest, $programs programs||CPU at rest, $programs programs
descriptors|1||descriptors for each captured program||
flood|1|MiB/s|output of one program (more is better)|rate|output of one program
flood_cpu|1|s|… CPU for $FLOOD MiB||
chatter|1|%|CPU, $programs programs × $LINES_EACH lines a second||CPU, $LINES_EACH lines a second each
EOT
  for count in "${LARGE[@]}"; do
    cat <<EOT
up_$count|1e9|s|$count programs up, output discarded||
memory_$count|1024|MiB|… memory (PSS)||memory, $count programs
idle_$count|1|%|… CPU at rest||CPU at rest, $count programs
EOT
  done
}

PACE=0.44 # seconds for 1000 starts in C, output discarded, on the machine on which the times below were set

# figure|title|how|whether it is about 1000 programs. How: "ratio PEER LIMIT", then "else" what holds where that peer was not
# measured; "most LIMIT"; "paced LIMIT", a time on a machine of that pace
required() {
  cat <<EOT
up|1000 programs up, captured|ratio limit 2|1000
up|1000 programs up, captured: dinit's best|paced 1.46|1000
restart|kill -9 → next start, 100 programs|ratio limit 2|
reload_http|reload, one more than 1000, HTTP|paced 120|1000
reload_same|reload, unchanged file of 1000, HTTP|paced 15|1000
status_command|status, command line|ratio supervisord 0.45 else 95|
status_http|status, HTTP|paced 12|
answers|first answer after launch|paced 500|
memory_few|memory, 100 programs|most 110|
memory_many|memory, 1000 programs|most 115|1000
memory_4000|memory, 4000 programs|most 135|
idle|CPU at rest, 1000 programs|paced 0.3|1000
idle_4000|CPU at rest, 4000 programs|paced 1|
idle_10000|CPU at rest, 10 000 programs|paced 2|
tick|one tick over 10 000 instances at rest|most 1|
stop|stop all of 1000|paced 500|1000
descriptors|descriptors for each captured program|most 3|
EOT
}

# figure who median least most, in the figure's unit, one line each
medians() {
  local figure divisor file unit _
  while IFS='|' read -r figure divisor unit _; do
    for file in "$samples/$figure".*; do
      [ -s "$file" ] || continue
      sort -g "$file" | awk -v figure="$figure" -v who="${file##*.}" -v by="$divisor" '
        { v[NR] = $1 / by }
        END { printf "%s %s %.9g %.9g %.9g\n", figure, who, NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[1], v[NR] }'
    done
  done < <(figures; echo 'tick|1e6|ms|')
}

# Markdown, a row for each figure that has samples, of these columns.
table() { # COLUMN…
  figures | awk -F'|' -v columns="$*" -v labels="$(for who; do label "$who"; done | paste -sd'|')" -v medians="$work/medians" '
    function show(x) { return sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : "%.2f", x) }
    function cell(key) { return key in m ? "**" show(m[key]) "** (" show(l[key]) "–" show(h[key]) ")" : "–" }
    function ratio(a, b, rate) {
      if (!(a in m) || !(b in m) || m[a] <= 0 || m[b] <= 0) return "–"
      return show(rate ? m[b] / m[a] : m[a] / m[b])
    }
    BEGIN {
      n = split(columns, who, " "); split(labels, name, "|")
      while ((getline line < medians) > 0) { split(line, f, " "); k = f[1] " " f[2]; m[k] = f[3]; l[k] = f[4]; h[k] = f[5] }
      for (i = 1; i <= n; i++) { head = head " " name[i] " |"; rule = rule "---:|" }
      ratios = who[1] == "taskmaster"
      print "| |" head (ratios ? " TaskMaster ÷ C | supervisord ÷ TaskMaster |" : "")
      print "|---|" rule (ratios ? "---:|---:|" : "")
    }
    {
      row = ""; some = 0
      for (i = 1; i <= n; i++) { row = row " " cell($1 " " who[i]) " |"; some += ($1 " " who[i]) in m }
      if (!some) next
      if (ratios) row = row " " ratio($1 " taskmaster", $1 " limit", $5) " | " ratio($1 " supervisord", $1 " taskmaster", $5) " |"
      print "| " $4 ($3 == "" ? "" : ", " $3) " |" row
    }'
}

tables() {
  local who name title score error _ columns=()
  medians >"$work/medians"
  for who in "${COLUMNS_OF_ALL[@]}"; do if grep -q " $who " "$work/medians"; then columns+=("$who"); fi; done
  if [ ${#columns[@]} -gt 0 ]; then table "${columns[@]}"; fi
  if grep -q ' s6-log \| svlogd ' "$work/medians"; then printf '\n'; table s6-log svlogd; fi
  if [ -s "$samples/micro" ]; then
    printf '\n| JMH, the daemon'\''s flags | µs | ± |\n|---|---:|---:|\n'
    while IFS='|' read -r name title; do
      read -r _ score error < <(grep "^$name " "$samples/micro") || continue
      printf '| %s | %s | %s |\n' "$title" "$(digits "$score")" "$(digits "$error")"
    done < <(micros)
  fi
}

digits() { awk -v x="$1" 'BEGIN { if (x == "NaN") print "–"; else printf(x >= 100 ? "%.0f\n" : x >= 1 ? "%.1f\n" : "%.3f\n", x) }'; }

# benchmark|title, in the table's order
micros() {
  cat <<EOT
tickAtRest|a plan over 10 000 instances at rest, as the loop makes it
tickRemembered|… one of them has changed
tickAfresh|… nothing is remembered
foldExit|fold of one exit in 10 000
restart|from an exit in 10 000 to the plan that starts it again
parse|parse of a file of 1000 programs
compare|comparison of a parsed file of 1000 with what runs, nothing has changed
reloadSame|… with the parse before
reloadMore|… with the parse before, one program more
EOT
}

# How much longer than there 1000 starts in C take here; nothing where that was not measured.
pace() {
  [ "$programs" = 1000 ] || return 0
  awk -v pace="$PACE" '$1 == "up_bare" && $2 == "limit" { printf "%.2f\n", $3 / pace }' "$work/medians"
}

# Each requirement as "mark|title|measured|limit"; a mark is met, missed or, of a slower machine, "met at its pace".
verdicts() {
  required | awk -F'|' -v medians="$work/medians" -v programs="$programs" -v pace="$(pace)" '
    function show(x) { return sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : x >= 0.1 ? "%.2f" : "%.1g", x) }
    BEGIN {
      while ((getline line < medians) > 0) { split(line, f, " "); m[f[1] " " f[2]] = f[3] }
      split("up s|restart ms|reload_http ms|reload_same ms|status_command ms|status_http ms|answers ms|tick ms|stop ms|memory_few MiB|memory_many MiB|memory_4000 MiB|idle %|idle_4000 %|idle_10000 %|descriptors ", u, "|")
      for (i in u) { split(u[i], f, " "); unit[f[1]] = f[2] == "" ? "" : " " f[2] }
    }
    {
      own = $1 " taskmaster"; split($3, how, " ")
      if (!(own in m) || ($4 != "" && programs != $4)) next
      peer = $1 " " how[2]
      if (how[1] == "ratio" && !(peer in m)) {
        if (how[4] != "else") next
        how[1] = "paced"; how[2] = how[5]
      }
      slack = 1
      if (how[1] == "ratio") {
        value = m[own] / m[peer]; limit = how[3]
        name = how[2] == "limit" ? "C" : how[2]
        said = show(m[own]) unit[$1] " = " show(value) " × " name " (" show(m[peer]) unit[$1] ")"; most = "≤ " limit " × " name
      } else {
        value = m[own]; limit = how[2]; said = show(value) unit[$1]; most = "≤ " limit unit[$1]
        if (how[1] == "paced" && pace > 1) { slack = pace; most = most " × " pace }
      }
      print (value <= limit ? "met" : value <= limit * slack ? "met at its pace" : "missed") "|" $2 "|" said "|" most
    }'
}

# Prints each requirement that was measured; fails where one is missed.
requirements() {
  local mark title said most missed=0
  printf '\n'
  while IFS='|' read -r mark title said most; do
    printf '%-15s  %s: %s, required %s\n' "$mark" "$title" "$said" "$most"
    if [ "$mark" = missed ]; then missed=$((missed + 1)); fi
  done < <(verdicts)
  if [ "$missed" -gt 0 ]; then tm_say "$missed missed"; return 1; fi
}

# What reproduces it, but for where the report goes.
said_to() {
  printf '%s: scripts/bench.sh --programs %s --runs %s%s%s %s\n' "$(date -u +%F)" "$programs" "$runs" "$([ -n "$captured" ] || echo ' --output discard')" \
    "$([ -z "$only" ] || { only=${only#,}; echo " --only ${only%,}"; })" "${chosen[*]}"
}

# Total and stolen time of all processors since boot, in ticks (proc_stat(5)).
processor_time() { awk '$1 == "cpu" { print $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9, $9 }' /proc/stat; }

# How much of it the host gave to others (steal) since then: on a shared machine the first thing to know of a figure.
stolen_since() { # TOTAL STOLEN
  processor_time | awk -v total="$1" -v stolen="$2" '$1 > total { printf "%.0f", 100 * ($2 - stolen) / ($1 - total) }'
}

describe() {
  local who version
  cat <<EOT
| | |
|---|---|
| Machine | $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(awk '$1 == "MemTotal:" { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(uname -s) $(uname -r | cut -d- -f1) |
EOT
  for who in "${COLUMNS_OF_ALL[@]}"; do
    # also one that took part in an earlier call, as far as it is still there
    takes_part "$who" || { compgen -G "$samples/*.$who" >/dev/null && "${who}_is_there"; } || continue
    version=$("${who}_version")
    if [ "$who" = taskmaster ]; then version+=", Java $(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$TM_JAVA/release")"; fi
    printf '| %s | %s |\n' "$(label "$who")" "$version"
  done
  echo "| Launches | of TaskMaster and C as many as \`--runs\` says, 3 at the most of the others (with many lines 2 of all), in turn |"
  echo "| Files | on $(kind_of "$work"), pipes on $(kind_of "$run_place"), those of programs that write on $(kind_of "$TMPFS") |"
}

kind_of() { df --output=fstype "$1" | tail -n 1; } # FOLDER
plot_of() { echo "$(dirname "$1")/benchmarks.svg"; } # REPORT

measured() {
  local mark title said most
  printf 'Measured by\n\n```\n'
  cat "$samples/commands"
  printf '```\n\n'
  cat "$samples/described"
  printf '\n![The medians as bars](benchmarks.svg)\n\nMedians, with the least and the most in brackets. Less is better but for a rate; a ratio in the last column that is above 1 is\nin TaskMaster'\''s favour.\n\n'
  tables
  if [ -s "$samples/left_out" ]; then printf '\nLeft out: %s.\n' "$(paste -sd';' "$samples/left_out" | sed 's/;/; /g')"; fi
  printf '\n### What is required\n\n| | measured | required | |\n|---|---|---|---|\n'
  while IFS='|' read -r mark title said most; do printf '| %s | %s | %s | %s |\n' "$title" "$said" "$most" "$mark"; done < <(verdicts)
  cat <<EOT

### How it is measured

- Every program is the same small C program (\`scripts/bench/child.c\`). The first thing it does is to read the clock; a line
  in a file that all of them append to says when and who. So nothing polls the daemons, and a start counts when the program
  runs, not when a daemon says so.
- **Up**: from just before the launch of the daemon, with its start script. **First answer**: until it answers
  \`GET /v1/status\` (supervisord: \`getState\`) with 200, asked anew a millisecond after each refusal.
- **kill -9**: $kills kills in each launch, of $few programs, 0.1 to 0.3 s apart, from just before kill(2). No minimal run time,
  no delay before a restart: \`starttime: 0\`, \`backoff: { initial: 0 }\`; \`startsecs=0\`.
- **Status, reload**: with the time that the client takes to start: \`taskmaster status\` and \`supervisorctl status\`; HTTP is
  curl on the daemon's socket, for supervisord with the calls of XML-RPC that do the same. A reload with a new program counts until that runs; an
  unchanged file until the answer. The first one after a launch is left out. s6: \`s6-svstat\` for each, \`s6-svscanctl -a\`; runit: \`sv status\` of all.
- **Stop all**: from the request (HTTP; s6: \`s6-svscanctl -t\`, runit: \`sv down\`, C: TERM) until the last program has ended, be it
  reaped or not, as its pidfd says. They end at once on TERM.
- **Memory**: PSS of the daemon, of s6 and runit the sum over all their processes, $SETTLE s after the last start, before anything is asked (of what is written in C: 2 s).
  **At rest**: their user and system time over $IDLE s; the clock's tick shows no less than $(awk -v hz="$(getconf CLK_TCK)" -v s="$IDLE" 'BEGIN { printf "%.2f", 100 / hz / s }') %.
- **Descriptors**: what the daemon has open with all programs up, less what it has with all stopped, logs not counted.
- **Captured** is what happens by default: two FIFOs and two files for each program of TaskMaster, two pipes and two files for supervisord's.
  s6 and runit capture nothing without a second process for each program, so theirs is discarded, and stands with the discarded ones.
  \`run\` is the C program itself there, no script.
- **Output of one program**: from just before its first write(2) to the end of its last, by its own clock; $FLOOD MiB of lines of
  128 bytes, 4 KiB a write. CPU is the daemon's. $(rotation_note)
- **Lines**: 80 bytes each, at its own moment, to a log of its own.
- The **C limit** is a loop of posix_spawn(3) that restarts too (\`scripts/bench/spawner.c\`), where output is captured with the
  same FIFOs; for output a loop of read(2) and write(2) (\`scripts/bench/drain.c\`). It reads no file, takes no commands, writes no record.
- dinit is not in Debian 12 and was not measured; its figure under "required" is one that was seen earlier on such a machine.
EOT
}

rotation_note() {
  if [ -n "$rotation" ]; then echo "Nobody rotates the log (s6-log: at 256 MiB)."
  else echo "Only TaskMaster rotates the log, at its 50 MB, and s6-log, at 256 MiB."; fi
}

# Replaces what stands between the marks; what people wrote around them stays.
write_report() { # FILE
  mkdir -p "$(dirname "$1")"
  plot >"$(plot_of "$1")"
  measured >"$work/measured"
  if ! grep -qxF "$BEGIN_MARK" "$1" 2>/dev/null; then
    { [ -s "$1" ] && cat "$1" || echo '# Benchmarks'; printf '\n%s\n%s\n' "$BEGIN_MARK" "$END_MARK"; } >"$work/report"
    cp "$work/report" "$1"
  fi
  awk -v begin="$BEGIN_MARK" -v end="$END_MARK" -v new="$work/measured" '
    $0 == end { within = 0 }
    !within { print }
    $0 == begin { within = 1; while ((getline line < new) > 0) print line }' "$1" >"$work/report"
  cat "$work/report" >"$1"
}
