#!/usr/bin/env bash
# The daemon: taskmasterd.sh start|stop|restart [--keep-programs]|status [-c FILE]
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<'EOT'
usage: taskmasterd.sh start|stop|restart|status [-c FILE]
       taskmasterd.sh restart --keep-programs [-c FILE]

  start    returns when the daemon answers, or says why it could not start (exit code 1)
  stop     returns when the daemon and all its programs are gone; what a daemon that died left running is stopped too
  restart  stop, then start; with --keep-programs only the daemon is replaced (by a new version, say), and if the
           new one could not start, the old one runs on
  status   whether it runs: exit code 0 or 3

Without -c: TASKMASTER_CONFIG, ./taskmaster.yaml, /etc/taskmaster/taskmaster.yaml, or the demonstration.
EOT
}

cli() { (tm_exec "${TM_CLI_FLAGS[@]}" -- "$@"); }

start() {
  # a session of its own, no terminal, init's child; what it says until it is up comes through this pipe
  local said
  said=$(setsid -f "$0" --become-daemon "$@" -c "$TM_CONFIG" </dev/null 2>&1)
  printf '%s\n' "$said"
  case $said in *'[TaskMaster] Daemon started'*) return 0 ;; *) return 1 ;; esac
}

stop() {
  local code=0 said
  said=$(cli shutdown -c "$TM_CONFIG" 2>&1) || code=$?
  if [ "$code" -eq 4 ]; then
    # nobody answers, but one that died may have left its programs running
    (tm_exec "${TM_DAEMON_FLAGS[@]}" -- daemon --stop-leftovers -c "$TM_CONFIG")
    return
  fi
  printf '%s\n' "$said"
  return "$code"
}

status() {
  local pid code=0
  pid=$(cli pid -c "$TM_CONFIG" 2>&1) || code=$?
  case $code in
    0) echo "[TaskMaster] Daemon is running (PID=$pid)" ;;
    4) echo "[TaskMaster] Daemon is not running"; return 3 ;;
    *) printf '%s\n' "$pid" >&2; return "$code" ;;
  esac
}

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
  start|stop|restart|status) ;;
  --become-daemon)
    tm_find_jdk
    tm_exec "${TM_DAEMON_FLAGS[@]}" -- daemon --detach "$@" ;;
  -h|--help|help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
keep=
if [ "$command" = restart ] && [ "${1:-}" = --keep-programs ]; then keep=yes; shift; fi
tm_config "$@"
unset TASKMASTER_SOCKET # the file says which daemon is meant
case $TM_CONFIG in /*) ;; *) TM_CONFIG=$PWD/$TM_CONFIG ;; esac
tm_find_jdk
tm_build
case $command in
  start) start ;;
  stop) stop ;;
  restart)
    if [ -n "$keep" ]; then start --take-over; else stop && start; fi ;;
  status) status ;;
esac
