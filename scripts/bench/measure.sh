# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# A launch of a daemon, its end, and what is measured in between. Runs in a subshell for each step (see bench.sh).

FEW=100          # programs of `few`
KILLS=10         # of each launch
STATUSES=10      # of each kind in each launch
RELOADS=4        # of each kind in each launch
SETTLE=8         # seconds from the last start to the look at the memory
IDLE=12          # seconds of a look at the CPU
FLOOD=1024       # MiB that one program writes in `flood`
LINES_EACH=10    # lines a second of each program in `chatter`
TMPFS=/dev/shm   # where the files of these two are
TIMEOUT=60000    # milliseconds that anything may take; a start of many has 20 more for each

is_function() { declare -F "$1" >/dev/null; }
is_running() { kill -0 "$1" 2>/dev/null; }
names() { seq -f 'p%05.0f' 1 "$1"; }
curl_it() { printf '%s\n' curl -q -fsS --noproxy '*' --unix-socket "$folder/socket" "$@"; }

# What a daemon needs: TaskMaster and supervisord have pipes and files; supervisord has its pipes in any case.
descriptors() { # WHO COUNT
  local each=1
  case $1 in
    taskmaster) if [ -n "$captured" ]; then each=5; fi ;;
    supervisord) each=3; if [ -n "$captured" ]; then each=5; fi ;;
    limit) if [ -n "$captured" ]; then each=2; fi ;;
  esac
  echo $(($2 * each + 200))
}

allow_descriptors() { # COUNT
  [ "$(ulimit -Sn)" = unlimited ] || [ "$(ulimit -Sn)" -ge "$1" ] || ulimit -Sn "$1" 2>/dev/null ||
    unable "$1 file descriptors are needed, ulimit -Hn is $(ulimit -Hn)"
}

# Launches one of them and waits until all its programs have begun; sets `took` to how long that was.
begin() { # WHO COUNT
  local last launched
  who=$1
  allow_descriptors "$(descriptors "$1" "$2")"
  folder=$(mktemp -d "$place/tm-bench.XXXXXX")
  run_folder=$(mktemp -d "$run_place/tm-bench.XXXXXX") # where a FIFO costs no disk, as in /run
  records=$folder/records
  "${1}_prepare" "$2"
  "$gauge" launch "$folder/launched" "${command[@]}" </dev/null >"$folder/said" 2>&1 &
  pid=$!
  if [ -e "$folder/request" ]; then "$gauge" answers "$folder/socket" "$folder/request" "$TIMEOUT" "$pid" >"$folder/answered" & fi
  last=$("$gauge" await "$records" "$2" "$((TIMEOUT + 20 * $2))" "$pid") || {
    tail -n 20 "$folder/said" >&2
    unable "not all of $2 programs began"
  }
  if [ -e "$folder/request" ]; then wait $!; fi
  launched=$(<"$folder/launched")
  took=$((last - launched))
}

# The processes of the daemon, the measured one's alone.
pids() { if is_function "${who}_pids"; then "${who}_pids"; else echo "$pid"; fi; }

await_end() { # PID…
  local began=$SECONDS process
  for process; do
    while is_running "$process" && [ $((SECONDS - began)) -lt 60 ]; do sleep 0.05; done
    kill -KILL "$process" 2>/dev/null || true
  done
}

# Ends the daemon under measurement and everything that it started.
end_daemon() {
  if [ -n "$pid" ] && is_running "$pid"; then
    if is_function "${who}_end"; then "${who}_end"; else kill -TERM "$pid" 2>/dev/null || true; await_end "$pid"; fi
  fi
  if [ -n "$pid" ]; then wait "$pid" 2>/dev/null || true; fi
  if [ -n "$records" ] && [ -e "$records" ]; then "$gauge" sweep "$records" "$child"; fi
  if [ -n "$run_folder" ]; then rm -rf "$run_folder"; fi
  # of what was interrupted somebody may still write there
  if [ -n "$folder" ]; then rm -rf "$folder" 2>/dev/null || { sleep 1; rm -rf "$folder"; } || true; fi
  pid='' folder='' run_folder='' records='' place=$work says=()
}

# Adds the numbers on standard input, one a line, to the samples of a figure.
add() { cat >>"$samples/$1.$who"; } # FIGURE

# How one is asked, as lines of a command; none where it cannot be asked so.
ways() { # command|http WHAT [NAME]
  is_function "${who}_by_$1" || return 0
  "${who}_by_$1" "${@:2}"
}

# One file in /proc of each of its processes.
of_pids() { pids | sed "s|.*|/proc/&/$1|" | xargs cat; } # FILE

pss() { of_pids smaps_rollup | awk '$1 == "Pss:" { kb += $2 } END { print kb }'; }

# CPU time that the daemon has had, in ticks of the clock.
ticks() { of_pids stat | awk '{ sub(/.*\) /, ""); t += $12 + $13 } END { print t + 0 }'; }

# What the JVM and Python did for the start is over then; C needs no more than a moment.
settle() { case $who in limit|s6|runit) sleep 2 ;; *) sleep "$SETTLE" ;; esac }

cpu_percent() {
  local before after
  before=$(ticks)
  sleep "$IDLE"
  after=$(ticks)
  awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" -v s="$IDLE" 'BEGIN { print 100 * t / hz / s }'
}

measure_warmup() {
  begin "$1" 5
  sleep 1
}

measure_few() {
  local way command
  begin "$1" "$few"
  if [ -e "$folder/answered" ]; then echo $(($(<"$folder/answered") - $(<"$folder/launched"))) | add answers; fi
  settle
  pss | add memory_few
  "$gauge" restarts "$records" "$kills" "$TIMEOUT" "$pid" | add restart
  for way in command http; do
    mapfile -t command < <(ways "$way" status)
    [ ${#command[@]} -gt 0 ] || continue
    "$gauge" time 1 "${command[@]}" >/dev/null # the first answer is another matter
    "$gauge" time "$STATUSES" "${command[@]}" | add "status_$way"
  done
}

measure_many() {
  case $1 in s6|runit) captured= ;; esac # they capture nothing by themselves
  begin "$1" "$programs"
  if [ -n "$captured" ]; then echo "$took" | add up; else echo "$took" | add up_bare; fi
  case $1 in limit) stop_all; return ;; esac
  settle
  pss | add memory_many
  cpu_percent | add idle
  reload_same
  reload_more
  if [ -n "$captured" ]; then count_descriptors; else stop_all; fi
}

measure_bare() {
  captured=
  begin "$1" "$programs"
  echo "$took" | add up_bare
}

reload_same() {
  local command
  mapfile -t command < <(ways http reload_same)
  [ ${#command[@]} -gt 0 ] || return 0
  "$gauge" time 1 "${command[@]}" >/dev/null
  "$gauge" time "$RELOADS" "${command[@]}" | add reload_same
}

reload_more() {
  local way command i name
  for ((i = 1; i <= RELOADS; i++)); do
    for way in command http; do
      name=more-$way-$i
      mapfile -t command < <(ways "$way" reload "$name")
      [ ${#command[@]} -gt 0 ] || continue
      "${who}_add" "$name"
      "$gauge" begins "$records" "$name" "$TIMEOUT" "${command[@]}" | add "reload_$way"
      sleep 0.5
    done
  done
}

stop_all() {
  local command
  mapfile -t command < <(ways http stop)
  if [ ${#command[@]} -eq 0 ]; then mapfile -t command < <(ways command stop); fi
  "$gauge" stops "$records" "$child" "$TIMEOUT" "${command[@]}" | add stop
}

# What the daemon has open that is no log, with all programs up and with all stopped, by the programs.
count_descriptors() {
  local up down count
  count=$(awk '{ print $3 }' "$records" | sort -u | wc -l)
  up=$(open_files)
  stop_all
  sleep 2
  down=$(open_files)
  awk -v up="$up" -v down="$down" -v count="$count" 'BEGIN { print (up - down) / count }' | add descriptors
}

open_files() {
  pids | while read -r p; do find "/proc/$p/fd" -type l -printf '%l\n'; done | awk -v logs="$folder/" 'index($0, logs) != 1 || !/\.log$/ { n++ } END { print n + 0 }'
}

measure_chatter() {
  place=$TMPFS says=(chatter "$LINES_EACH")
  begin "$1" "$programs"
  settle
  cpu_percent | add chatter
}

measure_flood() {
  local before after began ended talker _
  place=$TMPFS says=(flood "$FLOOD")
  begin "$1" 1
  sleep 2
  read -r _ talker _ <"$records"
  before=$(ticks)
  kill -USR1 "$((10#$talker))"
  "$gauge" await "$records" 3 "$TIMEOUT" "$pid" >/dev/null || unable "it did not take $FLOOD MiB in time"
  sleep 0.5 # what is still in the pipe
  after=$(ticks)
  { read -r _; read -r began _; read -r ended _; } <"$records"
  echo $((10#$ended - 10#$began)) | awk -v mib="$FLOOD" '{ print mib * 1e9 / $1 }' | add flood
  awk -v t=$((after - before)) -v hz="$(getconf CLK_TCK)" 'BEGIN { print t / hz }' | add flood_cpu
}

# Many more than most have: with discarded output, as descriptors run out otherwise.
measure_large() { # WHO COUNT
  captured=
  must_hold "$2"
  begin "$1" "$2"
  echo "$took" | add "up_$2"
  case $1 in limit) return ;; esac
  settle
  pss | add "memory_$2"
  cpu_percent | add "idle_$2"
}

# Says why, where the machine cannot hold so many processes of 0.2 MiB.
must_hold() { # COUNT
  local most free
  most=$(cat /proc/sys/kernel/pid_max)
  [ "$most" -gt $(($1 + $(find /proc -maxdepth 1 -name '[0-9]*' | wc -l) + 1000)) ] || unable "pid_max is $most"
  most=$(ulimit -u)
  [ "$most" = unlimited ] || [ "$most" -gt $(($1 + 1000)) ] || unable "ulimit -u is $most"
  free=$(awk '$1 == "MemAvailable:" { print int($2 / 1024) }' /proc/meminfo)
  [ "$free" -gt $((500 + $1 / 5)) ] || unable "$free MiB of memory are free, $((500 + $1 / 5)) are needed"
}

measure_micro() {
  local deps flags
  begin taskmaster 1
  flags=$(tr '\0' '\n' <"/proc/$(pids)/cmdline" | grep '^-X\|^--enable' | grep -v '^-XX:AOT\|^-Xlog' | paste -sd' ') # those that it runs with
  end_daemon
  tm_mvn -q -Pbench -DskipTests -pl api,test-fixtures,controller test-compile >"$work/micro.log" 2>&1 || { tail -n 20 "$work/micro.log" >&2; unable 'the benchmarks do not compile'; }
  deps=$(<"$TM_HOME/controller/target/bench.classpath")
  "$TM_JAVA/bin/java" -Xmx256m -cp "$TM_HOME/controller/target/test-classes:$TM_HOME/controller/target/classes:$deps" org.openjdk.jmh.Main \
    -jvmArgs "$flags" -rf csv -rff "$work/micro.csv" '.*Bench.*' >"$work/micro.log" 2>&1 || { tail -n 20 "$work/micro.log" >&2; unable 'the benchmarks fail'; }
  # "Benchmark","Mode","Threads","Samples","Score","Score Error (99.9%)","Unit", all in microseconds
  tr -d '"' <"$work/micro.csv" | awk -F, 'NR > 1 { sub(/.*\./, "", $1); print $1, $5, $6 }' >"$samples/micro"
  awk '$1 == "tickAtRest" { print $2 * 1000 }' "$samples/micro" >"$samples/tick.taskmaster"
}
