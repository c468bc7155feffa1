#!/usr/bin/env bash
# Runs the real loop on a simulated machine, one seed after the other, until one fails.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<'EOT'
usage: simulate.sh [--seeds N] [--seed S] [--seconds T]

  --seeds N     so many schedules (1000)
  --seed S      the first one; alone: only this one
  --seconds T   stop after this time, whatever is left
  --ticks       how many ticks a second, with 20 instances and nothing but ticks

A failure prints its seed, the shortest schedule that still fails and what happened. Exit code: 0 or 1.

  simulate.sh --seeds 100000
  simulate.sh --seed 4711
EOT
}

for argument in "$@"; do
  case $argument in -h|--help) usage; exit 0 ;; esac
done
tm_find_jdk
classes="$TM_HOME/controller/target/test-classes"
if ! [ -d "$classes/taskmaster/simulator" ] || [ -n "$(find "$TM_HOME"/{api,controller}/src -newer "$classes/taskmaster/simulator/Simulator.class" -name '*.java' -print -quit)" ]; then
  tm_build
  tm_say "compiling the simulator …"
  tm_mvn -q -pl api,test-fixtures,controller test-compile
fi
exec "$TM_JAVA/bin/java" -XX:+UseSerialGC -Xmx512m -cp "$classes:$TM_HOME/controller/target/classes:$TM_HOME/api/target/classes:$TM_TARGET/lib/*" \
  taskmaster.simulator.Simulator "$@"
