#!/usr/bin/env bash
# Starts the stack in the background, waits until all of it is ready, and shows it.
set -euo pipefail
cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")"
PATH=$PATH:/usr/sbin

bin=../../scripts
[ -x $bin/taskmasterd.sh ] || bin=../../bin # as in a package

for needed in nginx python3 ./pg.sh:initdb ./pg.sh:psql; do
  if [[ $needed = *:* ]]; then words=("${needed%:*}" sh -c "command -v ${needed#*:}"); else words=(command -v "$needed"); fi
  "${words[@]}" > /dev/null || { echo "cannot find ${needed#*:}; install postgresql, nginx and python3" >&2; exit 1; }
done

mkdir -p var/run
file=taskmaster.yaml
if [ "$(id -u)" = 0 ]; then
  file=as-root.yaml
  chmod a+x var # the daemon that made it let nobody else in
  chown postgres var/run
  if ! setpriv --reuid=postgres --clear-groups test -x "$PWD/var/run"; then
    echo "cannot run as postgres: that user may not enter $PWD/var/run; namei -m shows which folder is closed, and /opt is open to all" >&2
    exit 1
  fi
fi
$bin/taskmasterd.sh start -c $file
$bin/taskmaster -c $file wait all --timeout 60s
$bin/taskmaster -c $file status
cat <<EOT

Look at it:  curl http://127.0.0.1:18088/count
Stop it:     $(realpath $bin)/taskmasterd.sh stop -c $PWD/$file
EOT
