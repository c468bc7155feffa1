# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# runit: a folder for each program, and a process for each; it looks for new ones every five seconds.

runit_is_there() { command -v runsvdir >/dev/null && command -v sv >/dev/null; }
runit_version() { dpkg-query -W -f '${Version}' runit 2>/dev/null || echo '?'; }

runit_prepare() { # COUNT
  local name
  mkdir "$folder/scan"
  for name in $(names "$1"); do mkdir "$folder/scan/$name" && ln -s "$child" "$folder/scan/$name/run"; done
  command=(env "BENCH_RECORDS=$records" runsvdir "$folder/scan")
}

runit_pids() { echo "$pid"; pgrep -x -P "$pid" runsv; }

runit_by_command() { # WHAT
  case $1 in
    status) printf '%s\n' sv status "$folder"/scan/* ;;
    stop) printf '%s\n' sv down "$folder"/scan/* ;;
  esac
}

# On TERM it would leave all of them behind; on HUP it tells them to end, and does not wait.
runit_end() {
  local supervisors
  mapfile -t supervisors < <(pgrep -x -P "$pid" runsv)
  kill -HUP "$pid"
  await_end "$pid" "${supervisors[@]}"
}
