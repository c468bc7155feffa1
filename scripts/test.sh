#!/usr/bin/env bash
# All tests: pure ones, real children, and the built program from the outside. What CI runs.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

case ${1:-} in
  -h|--help)
    cat <<'EOT'
usage: test.sh [--full] [MAVEN ARGUMENT…]

  test.sh                                   everything, with 20 s of seeds and 20 s of chaos
  test.sh --full                            … with 100 000 fresh seeds and 2 minutes of chaos
  test.sh -pl controller -Dtest=LifeTest    one class, where it lives; no seeds, no chaos
  test.sh -Dtest='*Test' -Dsurefire.failIfNoSpecifiedTests=false
                                            the pure ones only
EOT
    exit 0 ;;
esac
full=
if [ "${1:-}" = --full ]; then full=yes; shift; fi
tm_find_jdk
tm_build   # the end-to-end tests drive what a user would
tm_mvn test "$@"
[ $# -eq 0 ] || exit 0
if [ -n "$full" ]; then
  "$TM_HOME/scripts/simulate.sh" --seed "$((SRANDOM % 1000000000))" --seeds 100000 # fresh ones each time
  "$TM_HOME/scripts/chaos.sh" --minutes 2
else
  "$TM_HOME/scripts/simulate.sh" --seed 1000 --seeds 1000000 --seconds 20
  "$TM_HOME/scripts/chaos.sh" --minutes 0.33
fi
