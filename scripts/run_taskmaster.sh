#!/usr/bin/env bash
# The interactive mode: run_taskmaster.sh start [-c FILE]
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<'EOT'
usage: run_taskmaster.sh start [-c FILE]

Runs the programs of FILE and a shell on them in this terminal. `exit` stops them all.
Without -c: TASKMASTER_CONFIG, ./taskmaster.yaml, /etc/taskmaster/taskmaster.yaml, or the demonstration.

  run_taskmaster.sh start -c samples/demo.yaml
  printf 'status\nexit\n' | run_taskmaster.sh start
EOT
}

case ${1:-} in
  start) shift ;;
  -h|--help|help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac
tm_config "$@"
tm_build
exec "$TM_PROGRAM" run -c "$TM_CONFIG"
