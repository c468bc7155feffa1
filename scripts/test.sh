#!/usr/bin/env bash
# All tests: pure ones, real children, and the built program from the outside. What CI runs.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

case ${1:-} in
  -h|--help)
    cat <<'EOT'
usage: test.sh [MAVEN ARGUMENT…]

  test.sh                                   everything
  test.sh -pl controller -Dtest=LifeTest    one class, where it lives
  test.sh -Dtest='*Test' -Dsurefire.failIfNoSpecifiedTests=false
                                            the pure ones only
EOT
    exit 0 ;;
esac
tm_find_jdk
tm_build   # the end-to-end tests drive what a user would
tm_mvn test "$@"
