#!/bin/sh
# The daemon in the background: taskmasterd.sh start|stop|restart [--keep-programs]|status [-c FILE]
self=$0
if [ -h "$self" ]; then self=$(readlink -f "$self"); fi
case $self in
  /*) ;;
  */*) self=$PWD/$self ;;
  *) self=$PWD/./$self ;;
esac
taskmaster=${self%/*}/taskmaster

usage() {
  cat <<'EOT'
usage: taskmasterd.sh start|stop|restart|status [-c FILE]
       taskmasterd.sh restart --keep-programs [-c FILE]

  start    returns when the daemon answers, or says why it could not start (exit code 1)
  stop     returns when the daemon and all its programs are gone; what a daemon that died left running is stopped too
  restart  stop, then start; with --keep-programs only the daemon is replaced (by a new version, say), and if the
           new one could not start, the old one runs on
  status   whether it runs: exit code 0 or 3

Without -c: TASKMASTER_CONFIG, ./taskmaster.yaml or /etc/taskmaster/taskmaster.yaml.
EOT
}

misused() {
  echo "[TaskMaster] usage: $1" >&2
  exit 2
}

start() {
  if ! command -v setsid >/dev/null; then
    echo "[TaskMaster] cannot start in the background: setsid is not installed (Debian: apt-get install util-linux)" >&2
    return 1
  fi
  # a session of its own, no terminal, init's child; what it says until it is up comes through this pipe
  said=$(setsid -f "$taskmaster" daemon --detach "$@" -c "$config" </dev/null 2>&1)
  printf '%s\n' "$said"
  case $said in *'[TaskMaster] Daemon started'*) return 0 ;; *) return 1 ;; esac
}

stop() {
  code=0
  said=$("$taskmaster" shutdown -c "$config" 2>&1) || code=$?
  if [ "$code" -eq 4 ]; then
    # nobody answers, but one that died may have left its programs running
    "$taskmaster" daemon --stop-leftovers -c "$config"
    return
  fi
  printf '%s\n' "$said"
  return "$code"
}

status() {
  code=0
  pid=$("$taskmaster" pid -c "$config" 2>&1) || code=$?
  case $code in
    0) echo "[TaskMaster] Daemon is running (PID=$pid)" ;;
    4) echo "[TaskMaster] Daemon is not running"; return 3 ;;
    *) printf '%s\n' "$pid" >&2; return "$code" ;;
  esac
}

action=${1:-}
[ $# -gt 0 ] && shift
case $action in
  start | stop | restart | status) ;;
  -h | --help | help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
keep=
if [ "$action" = restart ] && [ "${1:-}" = --keep-programs ]; then keep=yes; shift; fi
config=${TASKMASTER_CONFIG:-}
while [ $# -gt 0 ]; do
  case $1 in
    -c | --config) [ $# -ge 2 ] || misused "$1 needs a FILE"; config=$2; shift 2 ;;
    *) misused "unknown argument '$1' (known: -c FILE)" ;;
  esac
done
for usual in ./taskmaster.yaml /etc/taskmaster/taskmaster.yaml; do
  if [ -z "$config" ] && [ -e "$usual" ]; then config=$usual; fi
done
[ -n "$config" ] || misused "no file found: looked for -c FILE, TASKMASTER_CONFIG, ./taskmaster.yaml, /etc/taskmaster/taskmaster.yaml"
unset TASKMASTER_SOCKET # the file says which daemon is meant
case $config in /*) ;; *) config=$PWD/$config ;; esac
case $action in
  start) start ;;
  stop) stop ;;
  restart) if [ -n "$keep" ]; then start --take-over; else stop && start; fi ;;
  status) status ;;
esac
