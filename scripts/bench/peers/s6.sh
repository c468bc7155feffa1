# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# s6: a folder for each program, and a process for each; its output is not captured without a third one.

s6_is_there() { command -v s6-svscan >/dev/null && command -v s6-svscanctl >/dev/null && command -v s6-svstat >/dev/null; }
s6_version() { dpkg-query -W -f '${Version}' s6 2>/dev/null || echo '?'; }

# ./run is the child itself: a shell script would cost more (see child.c).
s6_add() { mkdir "$folder/scan/$1" && ln -s "$child" "$folder/scan/$1/run"; } # NAME

s6_prepare() { # COUNT
  local name
  mkdir "$folder/scan"
  for name in $(names "$1"); do s6_add "$name"; done
  command=(env "BENCH_RECORDS=$records" s6-svscan -c "$(($1 + 100))" "$folder/scan")
}

s6_pids() { echo "$pid"; pgrep -x -P "$pid" s6-supervise; }

s6_by_command() { # WHAT
  case $1 in
    status) printf '%s\n' sh -c "for service in '$folder'/scan/*; do s6-svstat \"\$service\"; done" ;;
    reload) printf '%s\n' s6-svscanctl -a "$folder/scan" ;;
    stop) printf '%s\n' s6-svscanctl -t "$folder/scan" ;;
  esac
}
