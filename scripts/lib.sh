# Shared by the scripts: where the project is, a JDK that fits, a build that is there.
# shellcheck shell=bash

TM_HOME=$(CDPATH='' cd -P "${BASH_SOURCE[0]%/*}/.." && pwd)
TM_NEEDS_JAVA=25
TM_TARGET="$TM_HOME/cli/target"
TM_COMPILED="$TM_TARGET/built"
TM_STAMP="$TM_HOME/dist/.made"   # has the name of the package's folder

tm_say() { printf '[TaskMaster] %s\n' "$*" >&2; }

# Whether $1 is the folder of a JDK (with javac) that is new enough.
tm_jdk_fits() {
  [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
  local major
  major=$(sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release")
  [ -n "$major" ] && [ "$major" -ge "$TM_NEEDS_JAVA" ]
}

# Sets TM_JAVA to the folder of a JDK: JAVA_HOME's own, PATH's, or one in the usual folders; the oldest that fits.
tm_find_jdk() {
  local candidate on_path best=
  if [ -n "${JAVA_HOME:-}" ] && tm_jdk_fits "$JAVA_HOME"; then TM_JAVA=$JAVA_HOME; return; fi
  on_path=$(command -v javac 2>/dev/null) && on_path=$(dirname "$(dirname "$(readlink -f "$on_path")")")
  for candidate in "$on_path" /usr/lib/jvm/* /opt/java/* /opt/jdk* /usr/java/* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/*; do
    if tm_jdk_fits "$candidate"; then best=$candidate; break; fi
  done
  if [ -z "$best" ]; then
    tm_say "cannot find a JDK $TM_NEEDS_JAVA or newer: looked at JAVA_HOME, PATH, /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks"
    tm_say "install one (Debian 13: apt-get install openjdk-25-jdk; others: Temurin 25, https://adoptium.net) or set JAVA_HOME"
    exit 1
  fi
  TM_JAVA=$best # not exported: the programs keep the JAVA_HOME that their user has
}

# Whether the package in dist/ is there and of today; sets TM_PROGRAM to its launcher. Of each call, so one find for all.
tm_is_built() {
  local name
  [ -f "$TM_STAMP" ] && [ -f "$TM_COMPILED" ] || return 1
  [ -z "$(find "$TM_HOME/pom.xml" "$TM_HOME"/{api,controller,cli}/pom.xml "$TM_HOME"/{api,controller,cli}/src/main "$TM_HOME/scripts/package" \
    "$TM_HOME/scripts/package.sh" "$TM_COMPILED" -newer "$TM_STAMP" -print -quit)" ] || return 1
  read -r name <"$TM_STAMP"
  TM_PROGRAM="$TM_HOME/dist/$name/bin/taskmaster"
  [ -x "$TM_PROGRAM" ]
}

tm_is_compiled() {
  [ -f "$TM_COMPILED" ] && [ -z "$(find "$TM_HOME/pom.xml" "$TM_HOME"/{api,controller,cli}/pom.xml "$TM_HOME"/{api,controller,cli}/src/main -newer "$TM_COMPILED" -print -quit)" ]
}

# Maven with the JDK that was found, quiet about its own use of Java's internals.
tm_mvn() {
  if ! command -v mvn >/dev/null; then
    tm_say "cannot build: Maven is not installed (Debian: apt-get install maven)"
    exit 1
  fi
  (cd "$TM_HOME" && JAVA_HOME=$TM_JAVA MAVEN_OPTS="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED" mvn -B "$@")
}

# Builds what is missing or older than its sources, and shows that it does.
tm_build() {
  tm_is_built && return
  "$TM_HOME/scripts/package.sh" --program
  tm_is_built || { tm_say "cannot run: sources changed while they were built; once more, please"; exit 1; }
}

# The jars, by Maven.
tm_compile() {
  tm_is_compiled && return
  tm_say "building (once; the first time this fetches libraries, about a minute) …"
  local log="$TM_TARGET/build.log" line
  mkdir -p "$TM_TARGET"
  if ! tm_mvn -DskipTests package 2>&1 | tee "$log" | while IFS= read -r line; do
    case $line in
      *'Building TaskMaster'*) tm_say "  ${line#*Building }" ;;
    esac
  done || grep -q 'BUILD FAILURE\|\[ERROR\]' "$log"; then
    grep 'ERROR' "$log" >&2
    tm_say "cannot build: see $log"
    exit 1
  fi
  touch "$TM_COMPILED"
}

# Sets TM_CONFIG to the file that -c, TASKMASTER_CONFIG or a usual place names; else to the demonstration's.
tm_config() {
  TM_CONFIG=
  while [ $# -gt 0 ]; do
    case $1 in
      -c|--config)
        [ $# -ge 2 ] || { tm_say "usage: $1 needs a FILE"; exit 2; }
        TM_CONFIG=$2; shift 2 ;;
      *) tm_say "usage: unknown argument '$1' (known: -c FILE)"; exit 2 ;;
    esac
  done
  [ -n "$TM_CONFIG" ] || TM_CONFIG=${TASKMASTER_CONFIG:-}
  [ -n "$TM_CONFIG" ] && return
  for TM_CONFIG in ./taskmaster.yaml /etc/taskmaster/taskmaster.yaml; do
    [ -e "$TM_CONFIG" ] && return
  done
  TM_CONFIG=$TM_HOME/samples/demo.yaml
  tm_say "no file named (-c FILE) and none found: using the demonstration, $TM_CONFIG"
}
