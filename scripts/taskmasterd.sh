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

command=${1:-}
[ $# -gt 0 ] && shift
case $command in
  start|stop|restart|status) ;;
  -h|--help|help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
keep=()
if [ "$command" = restart ] && [ "${1:-}" = --keep-programs ]; then keep=(--keep-programs); shift; fi
tm_config "$@"
tm_build
exec "${TM_PROGRAM}d.sh" "$command" "${keep[@]}" -c "$TM_CONFIG"
