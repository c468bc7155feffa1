#!/usr/bin/env bash
# Measures TaskMaster beside supervisord and beside the least that a C program can do.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

SCENARIOS=(up restart status reload memory idle flood chatter)
FEW=100          # programs of the scenarios that are not about many
KILLS=30         # of each run of `restart`
STATUSES=10      # of each kind in each run of `status`
RELOADS=5        # of each kind in each run of `reload`
SETTLE=10        # seconds from the last start to the look at the memory
IDLE=20          # seconds that `idle` and `chatter` look
FLOOD=1024       # MiB that one program writes in `flood`
LINES_EACH=10    # lines a second of each program in `chatter`
TMPFS=/dev/shm   # where the files of these two are
PEERS=(s6-log svlogd)   # that only log; where they are installed
TIMEOUT=120000   # milliseconds that anything may take

usage() {
  cat <<EOT
usage: bench.sh [--programs N] [--runs N] [--output discard|file] [--out FILE] [SCENARIO…]

Measures TaskMaster beside supervisord and a loop in C, in turn, and prints the medians. All of them run programs of
their own in a folder of their own; daemons that run already are left alone. Needs supervisord, curl and cc.

  up        N programs up, from the launch of the daemon
  restart   a program killed, to its next start ($FEW programs)
  status    the table of $FEW programs, by command line and by HTTP
  reload    one more program in the file of N, from the request to its start
  memory    PSS of the daemon, $SETTLE s after $FEW and after N programs are up
  idle      CPU of the daemon over $IDLE s, N programs up
  flood     one program writes $FLOOD MiB to its log: how fast, and the daemon's CPU (also of: ${PEERS[*]}, where installed)
  chatter   CPU of the daemon over $IDLE s, N programs that write $LINES_EACH lines a second to a log each

  --programs N    how many "many" are (1000)
  --runs N        launches of each daemon in each scenario (3)
  --output MODE   of the silent programs: discard (the default), or file: each program's in files of its own
  --out FILE      where the report goes (all scenarios: docs/BENCHMARKS.md; only some: nowhere)

  bench.sh
  bench.sh --runs 1 up memory
EOT
}

programs=1000 runs=3 output=discard out='' chosen=()

fail() { printf '[TaskMaster] %s\n' "$*" >&2; exit 1; }
misused() { tm_say "usage: $*"; exit 2; }

number() { [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || misused "$1 needs a number from 1, not '$2'"; }

while [ $# -gt 0 ]; do
  case $1 in
    -h|--help) usage; exit 0 ;;
    --programs|--runs|--output|--out) [ $# -ge 2 ] || misused "$1 needs a value" ;;&
    --programs) number "$1" "$2"; programs=$2; shift 2 ;;
    --runs) number "$1" "$2"; runs=$2; shift 2 ;;
    --output)
      case $2 in discard|file) output=$2 ;; *) misused "--output is discard or file, not '$2'" ;; esac
      shift 2 ;;
    --out) out=$2; shift 2 ;;
    *)
      case " ${SCENARIOS[*]} " in *" $1 "*) chosen+=("$1") ;; *) misused "unknown argument '$1' (see --help)" ;; esac
      shift ;;
  esac
done
if [ ${#chosen[@]} -eq 0 ]; then
  chosen=("${SCENARIOS[@]}")
  out=${out:-$TM_HOME/docs/BENCHMARKS.md}
fi
# what reproduces it: never where the report went
again="scripts/bench.sh --programs $programs --runs $runs --output $output"
if [ ${#chosen[@]} -lt ${#SCENARIOS[@]} ]; then again+=" ${chosen[*]}"; fi
is_chosen() { case " ${chosen[*]} " in *" $1 "*) return 0 ;; *) return 1 ;; esac }

few=$((programs < FEW ? programs : FEW))
kills=$((few < KILLS ? few : KILLS))

for tool in supervisord supervisorctl curl cc; do
  command -v "$tool" >/dev/null || fail "cannot measure: $tool is not installed (Debian: apt-get install supervisor curl gcc libc6-dev)"
done
tm_find_jdk
tm_build
unset TASKMASTER_CONFIG TASKMASTER_SOCKET
export LC_ALL=C.UTF-8

if is_chosen flood || is_chosen chatter; then
  free=$(df -Pm "$TMPFS" 2>/dev/null | awk 'NR == 2 { print $4 }')
  [ "${free:-0}" -gt $((FLOOD + 200)) ] || fail "cannot measure: $TMPFS has ${free:-no} MiB free, flood and chatter need $((FLOOD + 200))"
fi

# supervisord's need, the larger one: three for each program's pipes, two more for its files
each=3
if [ "$output" = file ] || is_chosen chatter; then each=5; fi
descriptors=$((programs * each + 200))
if [ "$(ulimit -Sn)" != unlimited ] && [ "$(ulimit -Sn)" -lt "$descriptors" ]; then
  ulimit -Sn "$descriptors" 2>/dev/null || fail "cannot measure: $programs programs need $descriptors file descriptors (ulimit -Hn is $(ulimit -Hn))"
fi

load=$(cut -d' ' -f1 /proc/loadavg)
if awk -v load="$load" -v cores="$(nproc)" 'BEGIN { exit !(load > cores / 4) }'; then
  tm_say "the machine is busy (load $load): the figures will be worse than they could be, and not alike"
fi

# ---- what runs, and its end ----

work=$(mktemp -d "${TMPDIR:-/tmp}/tm-bench.XXXXXX")
work=$(readlink -f "$work")
samples=$work/samples
gauge=$work/gauge
child=$work/child
pid='' folder='' records=''
place=$work says=() rotation=''   # of the programs that write: where, what (see child.c), what keeps the log from turning

cleanup() {
  trap - EXIT INT TERM
  end_daemon
  clear_progress
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

clear_progress() { if [ -t 2 ]; then printf '\r\033[K' >&2; fi; }

progress() {
  if [ -t 2 ]; then printf '\r\033[K[TaskMaster] %s' "$*" >&2; else tm_say "$*"; fi
}

is_running() { kill -0 "$1" 2>/dev/null; }

# Ends the daemon under measurement and everything that it started.
end_daemon() {
  local began=$SECONDS
  if [ -n "$pid" ]; then
    kill -TERM "$pid" 2>/dev/null || true
    while is_running "$pid" && [ $((SECONDS - began)) -lt 60 ]; do sleep 0.05; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
    pid=
  fi
  if [ -n "$records" ] && [ -e "$records" ]; then "$gauge" sweep "$records" "$child"; fi
  if [ -n "$folder" ]; then rm -rf "$folder"; fi
  folder='' records='' place=$work says=()
}

names() { seq -f 'p%05.0f' 1 "$1"; }

taskmaster_program() { # NAME
  local streams=', stdout: discard, stderr: discard'
  if [ ${#says[@]} -gt 0 ]; then streams=", stderr: discard$rotation"; elif [ "$output" = file ]; then streams=; fi
  printf '  %s: { cmd: [%s, %s, %s%s], starttime: 0, autorestart: always, backoff: { initial: 0 }%s }\n' \
    "$1" "$child" "$records" "$1" "${says[*]:+, ${says[0]}, \"${says[1]}\"}" "$streams"
}

supervisord_program() { # NAME
  local out=NONE err=NONE
  if [ ${#says[@]} -gt 0 ]; then out=AUTO; elif [ "$output" = file ]; then out=AUTO err=AUTO; fi
  printf '[program:%s]\ncommand=%s %s %s %s\nstartsecs=0\nautorestart=true\nstdout_logfile=%s\nstderr_logfile=%s\n' \
    "$1" "$child" "$records" "$1" "${says[*]}" "$out" "$err"
  if [ ${#says[@]} -gt 0 ]; then printf 'stdout_logfile_maxbytes=0\n'; fi
}

taskmaster_file() { # COUNT
  cat <<EOT
daemon: { socket: $folder/socket, pidfile: $folder/pid, logfile: $folder/daemon.log, state: $folder/state }
alerts: { file: $folder/alerts.log }
programs:
EOT
  local name
  for name in $(names "$1"); do taskmaster_program "$name"; done
}

supervisord_file() { # COUNT
  cat <<EOT
[supervisord]
nodaemon=true
logfile=$folder/daemon.log
pidfile=$folder/pid
childlogdir=$folder
minfds=$descriptors
[unix_http_server]
file=$folder/socket
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://$folder/socket
EOT
  local name
  for name in $(names "$1"); do supervisord_program "$name"; done
}

# Launches one of them and waits until all its programs have begun; sets `took` to how long that was.
begin() { # WHO COUNT
  local command last launched drain
  folder=$(mktemp -d "$place/tm-bench.XXXXXX")
  records=$folder/records
  drain=("$work/drain" "$folder" "$2" "$child" "$records" "${says[@]}")
  case $1 in
    taskmaster)
      taskmaster_file "$2" >"$folder/file"
      command=("$TM_HOME/scripts/taskmaster" daemon --foreground -c "$folder/file") ;;
    supervisord)
      supervisord_file "$2" >"$folder/file"
      command=(supervisord -c "$folder/file") ;;
    limit)
      command=("$work/spawner" "$2" "$child" "$records")
      if [ ${#says[@]} -gt 0 ]; then command=("${drain[@]}"); fi ;;
    s6-log) command=("${drain[@]}" s6-log -b n20 s268435455 "$folder/log") ;; # the most: it turns four times
    svlogd)
      mkdir "$folder/log"
      echo s0 >"$folder/log/config"
      command=("${drain[@]}" svlogd -b 131072 "$folder/log") ;;
  esac
  "$gauge" launch "$folder/launched" "${command[@]}" </dev/null >"$folder/said" 2>&1 &
  pid=$!
  last=$("$gauge" await "$records" "$2" "$TIMEOUT" "$pid") || { clear_progress; tail -n 20 "$folder/said" >&2; fail "cannot measure $1"; }
  launched=$(<"$folder/launched")
  took=$((last - launched))
}

# ---- the scenarios: each run takes them all in turn, so that what else the machine does meets all ----

# Adds the numbers on standard input, one a line, to the samples of a figure.
add() { cat >>"$samples/$1.$2"; } # FIGURE WHO

in_turn() { # SCENARIO WHO…
  local scenario=$1 run who
  shift
  for ((run = 1; run <= runs; run++)); do
    for who; do
      progress "$scenario: run $run of $runs, $who …"
      "measure_$scenario" "$who"
      end_daemon
    done
  done
}

measure_up() {
  begin "$1" "$programs"
  echo "$took" | add up "$1"
}

measure_restart() {
  begin "$1" "$few"
  sleep 2
  "$gauge" restarts "$records" "$kills" "$TIMEOUT" "$pid" | add restart "$1"
}

curl_it() { printf '%s\n' curl -q -fsS --noproxy '*' --unix-socket "$folder/socket" "$@"; }

# How the others are asked, as lines of a command.
by_command() { # WHO WHAT
  case $1.$2 in
    taskmaster.status) printf '%s\n' "$TM_HOME/scripts/taskmaster" -s "$folder/socket" status ;;
    taskmaster.reload) printf '%s\n' "$TM_HOME/scripts/taskmaster" -s "$folder/socket" reload ;;
    supervisord.status) printf '%s\n' supervisorctl -c "$folder/file" status ;;
    supervisord.reload) printf '%s\n' supervisorctl -c "$folder/file" update ;;
  esac
}

call() { # METHOD [STRING]
  printf '<value><struct><member><name>methodName</name><value><string>%s</string></value></member><member><name>params</name><value><array><data>%s</data></array></value></member></struct></value>' \
    "$1" "${2:+<value><string>$2</string></value>}"
}

multicall() { # CALLS
  printf '<methodCall><methodName>system.multicall</methodName><params><param><value><array><data>%s</data></array></value></param></params></methodCall>' "$1"
}

by_http() { # WHO WHAT [NAME]
  case $1.$2 in
    taskmaster.status) curl_it -H 'Accept: text/plain' http://x/v1/status ;;
    taskmaster.reload) curl_it -X POST http://x/v1/reload ;;
    supervisord.status) curl_it -H 'Content-Type: text/xml' --data-raw \
      '<methodCall><methodName>supervisor.getAllProcessInfo</methodName></methodCall>' http://x/RPC2 ;;
    supervisord.reload) curl_it -H 'Content-Type: text/xml' --data-raw \
      "$(multicall "$(call supervisor.reloadConfig)$(call supervisor.addProcessGroup "$3")")" http://x/RPC2 ;;
  esac
}

measure_status() {
  local way command
  begin "$1" "$few"
  sleep 2
  for way in command http; do
    mapfile -t command < <("by_$way" "$1" status)
    "$gauge" time 1 "${command[@]}" >/dev/null # the first answer is another matter
    "$gauge" time "$STATUSES" "${command[@]}" | add "status_$way" "$1"
  done
}

measure_reload() {
  local way command i name
  begin "$1" "$programs"
  sleep 2
  for ((i = 1; i <= RELOADS; i++)); do
    for way in command http; do
      name=more-$way-$i
      "${1}_program" "$name" >>"$folder/file"
      mapfile -t command < <("by_$way" "$1" reload "$name")
      "$gauge" begins "$records" "$name" "$TIMEOUT" "${command[@]}" | add "reload_$way" "$1"
      sleep 0.5
    done
  done
}

pss() { awk '$1 == "Pss:" { print $2 }' "/proc/$1/smaps_rollup"; }

measure_memory() {
  begin "$1" "$few"
  sleep "$SETTLE"
  pss "$pid" | add memory_few "$1"
  if [ "$programs" -gt "$few" ]; then
    end_daemon
    begin "$1" "$programs"
    sleep "$SETTLE"
    pss "$pid" | add memory_many "$1"
  fi
}

# CPU time that a process has had, in ticks of the clock.
ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

cpu_percent() {
  local before after
  sleep "$SETTLE"
  before=$(ticks "$pid")
  sleep "$IDLE"
  after=$(ticks "$pid")
  awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$IDLE" 'BEGIN { print 100 * t / hz / s }'
}

measure_idle() {
  begin "$1" "$programs"
  cpu_percent | add idle "$1"
}

measure_chatter() {
  place=$TMPFS says=(chatter "$LINES_EACH")
  begin "$1" "$programs"
  cpu_percent | add chatter "$1"
}

measure_flood() {
  local before after began ended talker _
  place=$TMPFS says=(flood "$FLOOD")
  begin "$1" 1
  sleep 2
  read -r _ talker _ <"$records"
  before=$(ticks "$pid")
  kill -USR1 "$((10#$talker))"
  "$gauge" await "$records" 3 "$TIMEOUT" "$pid" >/dev/null || fail "cannot measure $1"
  sleep 0.5 # what is still in the pipe
  after=$(ticks "$pid")
  { read -r _; read -r began _; read -r ended _; } <"$records"
  echo $((10#$ended - 10#$began)) | awk -v mib="$FLOOD" '{ print mib * 1e9 / $1 }' | add flood "$1"
  awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" 'BEGIN { print t / hz }' | add flood_cpu "$1"
}

# ---- the report ----

# Median, least and most of a figure's samples, divided; nothing where there are none.
stats() { # FIGURE WHO DIVISOR
  [ -s "$samples/$1.$2" ] || return 0
  sort -g "$samples/$1.$2" | awk -v by="$3" '
    { v[NR] = $1 / by }
    END { printf "%.9g %.9g %.9g\n", NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, v[1], v[NR] }'
}

columns=(taskmaster supervisord limit)

row() { # FIGURE DIVISOR UNIT TITLE [rate]: of a rate, more is better
  [ -s "$samples/$1.taskmaster" ] || return 0
  local who
  for who in "${columns[@]}"; do printf '%s\n' "$(stats "$1" "$who" "$2")"; done | awk -v title="$4" -v unit="$3" -v rate="${5:-}" '
    function show(x) { return sprintf(x >= 100 ? "%.0f" : x >= 10 ? "%.1f" : "%.2f", x) }
    function cell(i) { return NFS[i] ? "**" show(m[i]) " " unit "** (" show(l[i]) "–" show(h[i]) ")" : "—" }
    function ratio(a, b) { return !NFS[a] || !NFS[b] || m[b] <= 0 ? "—" : show(rate ? m[b] / m[a] : m[a] / m[b]) }
    { NFS[NR] = NF; m[NR] = $1; l[NR] = $2; h[NR] = $3 }
    END {
      printf "| %s |", title
      for (i = 1; i <= NR; i++) printf " %s |", cell(i)
      if (NR == 3) printf " %s | %s |", ratio(2, 1), ratio(1, 3)
      print ""
    }'
}

flood_rows() {
  row flood 1 MiB/s 'output of one program' rate
  row flood_cpu 1 s "… CPU for $FLOOD MiB"
}

table() {
  echo '| | TaskMaster | supervisord | C limit | supervisord ÷ TaskMaster | TaskMaster ÷ C |'
  echo '|---|---|---|---|---|---|'
  row up 1e9 s "$programs programs up, from the launch"
  row restart 1e6 ms 'kill -9, to the next start'
  row status_command 1e6 ms "status of $few programs, command line"
  row status_http 1e6 ms "status of $few programs, HTTP"
  row reload_command 1e6 ms "one program more than $programs, command line"
  row reload_http 1e6 ms "one program more than $programs, HTTP"
  row memory_few 1024 MiB "memory (PSS), $few programs"
  row memory_many 1024 MiB "memory (PSS), $programs programs"
  row idle 1 % "CPU at rest, $programs programs"
  flood_rows
  row chatter 1 % "$programs programs × $LINES_EACH lines a second, CPU"
  is_chosen flood || return 0
  local columns=("${PEERS[@]}")
  printf '\n|'; printf ' | %s' "${columns[@]}"; printf ' |\n|---'; printf '|%.0s---' "${columns[@]}"; printf '|\n'
  flood_rows
}

report() {
  cat <<EOT
# Benchmarks

Measured on $(date -u +%F). For your machine's figures, with supervisord, curl and cc installed:

\`\`\`
$again
\`\`\`

It touches no daemon that runs already. With 1000 programs and 3 runs it takes about twenty-five minutes.

| | |
|---|---|
| Kernel | $(uname -sr) |
| CPU | $(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1), $(nproc) cores |
| Memory | $(awk '$1 == "MemTotal:" { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo) |
| TaskMaster | $(taskmaster_version), Java $(sed -n 's/^JAVA_VERSION="\(.*\)"/\1/p' "$TM_JAVA/release") |
| supervisord | $(supervisord --version) |
| C | $(cc --version | head -n 1), glibc $(getconf GNU_LIBC_VERSION | cut -d' ' -f2) |
| Launches of each | $runs |
| Load before | $load on $(nproc) cores |

Medians, with the least and the most in brackets. A ratio above 1 in the fourth column is in TaskMaster's favour.

$(table)

How it is measured:

- Every supervised program is the same small C program. The first thing it does is to read the clock; a line in a file
  that all of them append to says when and who. So nothing polls the daemons, and a start counts when the program runs,
  not when a daemon says so.
- **Up**: from just before the launch of the daemon, for TaskMaster with its start script and the start of the JVM.
- **Restart**: $kills kills in each run, of $few programs, 0.1 to 0.3 s apart, from just before kill(2). No minimal run
  time and no delay before a restart: \`starttime: 0\`, \`backoff: { initial: 0 }\`; \`startsecs=0\`.
- **Status, reload**: with the time that the client takes to start: \`taskmaster status\` and \`supervisorctl status\`,
  \`taskmaster reload\` and \`supervisorctl update\`; HTTP is curl and the daemon's socket, for supervisord with the calls
  of XML-RPC that do the same. A reload counts until the new program runs. The first status after a launch is left out.
- **Memory**: the daemon alone, $SETTLE s after the last start. **At rest**: user and system time of the daemon over
  $IDLE s, of which the clock's tick shows no less than $(awk -v hz="$(getconf CLK_TCK)" -v s="$IDLE" 'BEGIN { printf "%.2f", 100 / hz / s }') %.
- **Output of one program**: from just before its first write(2) to the end of its last one, by its own clock; $FLOOD MiB
  of lines of 128 bytes, 4 KiB a write. The **CPU** is the daemon's, user and system. The log is on tmpfs;
  $(rotation_note)
  The C limit is a loop of read(2) and write(2) (\`scripts/bench/drain.c\`). The table below it has programs that do
  nothing but log, with the same pipe before them.
- **Lines**: $LINES_EACH of 80 bytes a second from each program, at its own moment, to a log of its own on tmpfs; the
  daemon's CPU over $IDLE s. The C limit does epoll_wait(2), read(2) and write(2) every 10 ms.
- Of a **rate** the ratios are turned round: above 1 means the same as in the other rows.
- The **C limit** of the rest is a loop of posix_spawn(3) that also restarts (\`scripts/bench/spawner.c\`): what the
  kernel and the programs themselves cost. It reads no file, takes no commands and writes no log.
$(output_note)
EOT
}

taskmaster_version() { "$TM_HOME/scripts/taskmaster" -s "$work/none" version 2>/dev/null | grep -o '[0-9][0-9.]*[0-9]' | head -n 1; }

rotation_note() {
  if [ -n "$rotation" ]; then echo "nobody rotates it (s6-log: at 256 MiB)."
  else echo "only TaskMaster rotates it, at its 50 MB, and s6-log, at 256 MiB."; fi
}

output_note() {
  if [ "$output" = file ]; then
    echo "- Elsewhere the programs' output goes to files, two for each program, in both (they write nothing)."
  else
    echo "- Elsewhere the programs' output is discarded: \`stdout: discard\`; \`stdout_logfile=NONE\`, for which supervisord still has its pipes."
  fi
}

mkdir "$samples"
for source in child spawner drain gauge; do
  cc -O2 -Wall -Wextra -o "$work/$source" "$TM_HOME/scripts/bench/$source.c"
done
log='log: { max_bytes: 4GB, backups: 0 }'
echo "programs: { a: { cmd: [$child], $log } }" >"$work/validated"
if "$TM_HOME/scripts/taskmaster" validate "$work/validated" >/dev/null 2>&1; then rotation=", $log"; fi
for scenario in "${SCENARIOS[@]}"; do
  is_chosen "$scenario" || continue
  case $scenario in
    flood)
      mapfile -t installed < <(for peer in "${PEERS[@]}"; do command -v "$peer" >/dev/null && echo "$peer"; done)
      in_turn flood taskmaster supervisord limit "${installed[@]}" ;;
    status|reload) in_turn "$scenario" taskmaster supervisord ;;
    *) in_turn "$scenario" taskmaster supervisord limit ;;
  esac
done
clear_progress
table
if [ -n "$out" ]; then
  mkdir -p "$(dirname "$out")"
  report >"$work/report"
  mv "$work/report" "$out"
  tm_say "written: $out"
fi
