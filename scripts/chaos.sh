#!/usr/bin/env bash
# Everything at once, at random: chaos.sh --minutes M [--seed S]
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<'EOT'
usage: chaos.sh --minutes M [--seed S]

Runs 200 programs of every kind under a daemon of its own, in a folder of its own, and for M minutes (0.33 are 20 s)
kills, stops and starves them, the daemon, its disk, its descriptors and the receiver of its alerts, while 8 clients
start, stop, scale and reload. Then all faults end, and it checks, from what the programs themselves wrote and from
/proc: never two of one instance, never a restart of an unchanged one because the daemon died, nothing left after the
shutdown, all alerts once and in order, memory and descriptors flat. Prints the figures; exit code 0 if all that
holds, 1 with a line for each breach (the folder is kept then), 2 usage.

  --minutes M  how long the faults last (0.1 to 1440)
  --seed S     the same choices again: a whole number, printed first by each run (the system's timing still differs)
EOT
}

for argument in "$@"; do
  case $argument in -h|--help|help) usage; exit 0 ;; esac
done
for tool in flock setsid; do
  if ! command -v "$tool" >/dev/null; then
    tm_say "cannot run: $tool is not installed (Debian: apt-get install util-linux)"
    exit 1
  fi
done
tm_find_jdk
tm_build
unset TASKMASTER_CONFIG TASKMASTER_SOCKET
# mounts of its own: the small disk that gets full is gone with the last process of the run, however that ends
apart=()
if unshare --mount true 2>/dev/null; then apart=(unshare --mount --); set -- --own-mounts "$@"; fi
exec "${apart[@]}" "$TM_JAVA/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx128m \
  --enable-native-access=ALL-UNNAMED -Djava.io.tmpdir="${TMPDIR:-/tmp}" "$TM_HOME/scripts/chaos/Chaos.java" "$@"
