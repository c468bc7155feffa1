# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# TaskMaster: one YAML file, HTTP on a UNIX socket.

taskmaster_is_there() { [ -x "$taskmaster" ]; }
taskmaster_version() { "$taskmaster" -s "$work/none" version 2>/dev/null | grep -o '[0-9][0-9.]*[0-9]' | head -n 1; }

taskmaster_program() { # NAME
  local streams=', stdout: discard, stderr: discard'
  if [ ${#says[@]} -gt 0 ]; then streams=", stderr: discard$rotation"; elif [ -n "$captured" ]; then streams=; fi
  printf '  %s: { cmd: [%s, %s, %s%s], starttime: 0, autorestart: always, backoff: { initial: 0 }%s }\n' \
    "$1" "$child" "$records" "$1" "${says[*]:+, ${says[0]}, \"${says[1]}\"}" "$streams"
}

taskmaster_add() { taskmaster_program "$1" >>"$folder/file"; } # NAME

taskmaster_prepare() { # COUNT
  local name
  {
    echo "daemon: { socket: $folder/socket, pidfile: $folder/pid, logfile: $folder/daemon.log, state: $run_folder/state }"
    echo "alerts: { file: $folder/alerts.log }"
    echo 'programs:'
    for name in $(names "$1"); do taskmaster_program "$name"; done
  } >"$folder/file"
  printf 'GET /v1/status HTTP/1.1\r\nHost: x\r\nAccept: text/plain\r\nConnection: close\r\n\r\n' >"$folder/request"
  command=("$taskmaster" daemon --foreground -c "$folder/file")
}

# A launcher may have a process of its own.
taskmaster_pids() { cat "$folder/pid"; }

taskmaster_by_command() { # WHAT
  printf '%s\n' "$taskmaster" -s "$folder/socket" "${1%_same}"
}

taskmaster_by_http() { # WHAT
  case $1 in
    status) curl_it -H 'Accept: text/plain' http://x/v1/status ;;
    reload|reload_same) curl_it -X POST http://x/v1/reload ;;
    stop) curl_it -X POST 'http://x/v1/stop?target=all' ;;
  esac
}
