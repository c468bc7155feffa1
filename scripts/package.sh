#!/usr/bin/env bash
# Makes the package: a folder that needs no Java and runs from anywhere, and its archive.
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<'EOT'
usage: package.sh [--program]

Builds what is older than its sources and makes dist/taskmaster-VERSION-linux-ARCH and its .tar.gz: a Java runtime cut to
size, the program with its AOT caches, man pages, completions, samples, licences, an SBOM.

  --program  only what runs, for the other scripts: no archive; documents, licences and SBOM if they were made before
EOT
}

only_program=
case ${1:-} in
  '') ;;
  --program) only_program=yes ;;
  -h|--help|help) usage; exit 0 ;;
  *) usage >&2; exit 2 ;;
esac

MODULES=java.base,java.logging,java.management,java.naming,java.net.http,java.xml,jdk.net,jdk.unsupported
# what the command line needs; the daemon has the rest too
OWN=(cli api controller)
CLI_LIBRARIES=(picocli jline snakeyaml)

here="$TM_HOME/scripts/package"
dist="$TM_HOME/dist"
parts="$dist/.parts"   # what need not be made again each time

fail() { tm_say "cannot make the package: $*"; exit 1; }
first_of() { sha256sum | cut -c 1-12; }

# What was written bit by bit lies so in the page cache, until that lets go of it, and is mapped page by page: docs/BENCHMARKS.md.
in_one_piece() { cp -a "$@"; }

make_runtime() {
  runtime="$parts/runtime-$({ cat "$TM_JAVA/release"; echo "$MODULES"; } | first_of)"
  [ -d "$runtime" ] && return
  tm_say "  a Java runtime cut to size …"
  rm -rf "$parts"/runtime-* # of other JDKs
  "$TM_JAVA/bin/jlink" --add-modules "$MODULES" --strip-java-debug-attributes --no-header-files --no-man-pages \
    --compress=zip-6 --output "$runtime.new" || fail "jlink of $TM_JAVA failed"
  find "$runtime.new" -exec touch -h -d "@$epoch" {} +
  in_one_piece "$runtime.new" "$runtime.copy"
  rm -rf "$runtime.new"
  mv "$runtime.copy" "$runtime"
}

# The published picocli is Java 5 bytecode, which no AOT cache takes; each class of it would be verified at each call.
make_picocli() {
  local sources=("$TM_TARGET"/sources/picocli-*-sources.jar) name
  [ -f "${sources[0]}" ] || fail "${sources[0]} is not there; scripts/lib.sh builds it with the rest"
  name=$(basename "${sources[0]}" -sources.jar)
  picocli="$parts/$name-$TM_NEEDS_JAVA.jar"
  [ -f "$picocli" ] && return
  tm_say "  picocli as Java $TM_NEEDS_JAVA …"
  local work="$stage/picocli"
  mkdir -p "$work/sources" "$work/classes"
  (cd "$work/sources" && "$TM_JAVA/bin/jar" --extract --file "${sources[0]}")
  find "$work/sources/picocli" -name '*.java' >"$work/list"
  "$TM_JAVA/bin/javac" --release "$TM_NEEDS_JAVA" -nowarn -proc:none -g:source,lines -d "$work/classes" "@$work/list" 2>"$work/said" \
    || { cat "$work/said" >&2; fail "picocli does not compile"; }
  "$TM_JAVA/bin/jar" --create --file "$picocli.new" --date "$(date -u -d "@$epoch" +%Y-%m-%dT%H:%M:%SZ)" -C "$work/classes" .
  mv "$picocli.new" "$picocli"
}

# Of these libraries, in one line.
jars_of() {
  local library jar names=()
  for library; do
    jar=("$app/$library"-[0-9]*.jar)
    [ -f "${jar[0]}" ] || fail "there is no jar of $library"
    names+=("${jar[0]##*/}")
  done
  echo "${names[*]}"
}

# The jars and, named by their hash, what the JVM remembers of them: it does not notice that a cache is of other jars.
make_program() {
  local app
  app="$stage/app"
  mkdir "$app"
  cp "$TM_TARGET"/cli-*.jar "$TM_TARGET"/lib/*.jar "$app/"
  rm "$app"/picocli-*.jar
  cp "$picocli" "$app/$(basename "${picocli%-*}").jar"
  own_jars=$(jars_of "${OWN[@]}")
  # shellcheck disable=SC2086 # words
  "$TM_JAVA/bin/java" -XX:TieredStopAtLevel=1 "$here/LinkAhead.java" "$app" $own_jars || fail "linking ahead failed"
  cli_libraries=$(jars_of "${CLI_LIBRARIES[@]}")
  libraries=$(cd "$app" && printf '%s\n' *.jar | grep -vxF "${own_jars// /$'\n'}" | paste -sd ' ')
  hash=$({ (cd "$app" && sha256sum -- *.jar); cat "$TM_JAVA/release" "$here/bin/taskmaster" "$here/Train.java"; echo "$MODULES"; } | first_of)
  mkdir -p "$new/bin" "$new/lib"
  cp -al "$runtime" "$new/lib/runtime"
  mv "$app" "$new/lib/app-$hash"
  touch -d "@$epoch" "$new/lib/app-$hash"/*
  sed -e "s|@HASH@|$hash|" -e "s|@OWN@|$own_jars|" -e "s|@CLI_LIBRARIES@|$cli_libraries|" -e "s|@LIBRARIES@|$libraries|" \
    "$here/bin/taskmaster" >"$new/bin/taskmaster"
  cp "$here/bin/taskmasterd.sh" "$new/bin/"
  chmod 755 "$new/bin/"*
}

make_caches() {
  local app="$new/lib/app-$hash" before="$dist/$name/lib/app-$hash"
  if [ -f "$before/daemon.aot" ] && [ -f "$before/ask.aot" ] && [ -f "$before/shell.aot" ]; then
    cp -l "$before"/*.aot "$app/"
    return
  fi
  tm_say "  AOT caches, from a run that does a bit of everything …"
  mkdir "$stage/training"
  if ! timeout 100 "$TM_JAVA/bin/java" -XX:TieredStopAtLevel=1 "$here/Train.java" "$new/bin/taskmaster" "$stage/training" \
    "$stage" >"$stage/training.said" 2>&1; then
    cat "$stage/training.said" >&2
    fail "the training of its caches failed"
  fi
  in_one_piece "$stage"/*.aot "$app/"
  chmod 644 "$app"/*.aot
  touch -d "@$epoch" "$app"/*.aot
}

# A cache that the JVM drops says nothing: look where the classes come from.
check_caches() {
  local word loaded="$stage/loaded"
  for word in version "shell --help" "daemon --help"; do
    # shellcheck disable=SC2086 # words
    TASKMASTER_JAVA_OPTIONS="-Xlog:class+load:file=$loaded" "$new/bin/taskmaster" $word >/dev/null
    grep -q 'taskmaster.cli.Main source: shared objects file' "$loaded" || fail "\`taskmaster $word\` does not use its AOT cache"
  done
}

# What concerns libraries only, and takes Maven half a minute.
make_bill() {
  bill="$parts/bill-$({ cat "$TM_HOME"/pom.xml "$TM_HOME"/{api,controller,cli}/pom.xml "$here/Licences.java"; } | first_of)"
  [ -d "$bill" ] && return
  [ -z "$only_program" ] || { bill=; return; }
  tm_say "  SBOM and licences …"
  mkdir "$stage/bill"
  tm_mvn -q -pl cli -am cyclonedx:makeBom "-DoutputDirectory=$stage/bill" >"$stage/bill.said" 2>&1 || { cat "$stage/bill.said" >&2; fail "Maven made no SBOM"; }
  run_java Licences.java "$stage/bill/sbom.cdx.json" "$new/lib/app-$hash" "$stage/bill/licenses"
  rm -rf "$parts"/bill-*
  mv "$stage/bill" "$bill"
}

run_java() { "$TM_JAVA/bin/java" -XX:TieredStopAtLevel=1 -cp "$TM_TARGET/cli-$version.jar:$TM_TARGET/lib/*" "$here/$1" "${@:2}"; }

add_documents() {
  local completions="$new/share/bash-completion/completions"
  mkdir -p "$completions"
  "$new/bin/taskmaster" completion >"$completions/taskmaster"
  run_java ManPages.java "$new/share/man/man1" "$version"
  mkdir "$new/samples"
  cp -r "$TM_HOME"/samples/*.yaml "$TM_HOME"/samples/*.env "$TM_HOME"/samples/conf.d "$TM_HOME"/samples/systemd "$TM_HOME"/samples/container "$new/samples/"
  mkdir "$new/samples/stack"
  find "$TM_HOME"/samples/stack -maxdepth 1 -type f -exec cp {} "$new/samples/stack/" ';' # not the data of one that was tried here
  cp -r "$TM_HOME/docs" "$new/"
  # what is here without a build stands in bin/
  sed -e 's|scripts/taskmaster|bin/taskmaster|g' \
    -e '0,/^## /s|^## |This is the package: it needs no Java and no build. What begins with `scripts/` below is in the repository.\n\n&|' \
    "$TM_HOME/README.md" >"$new/README.md"
  [ -z "$bill" ] || cp -r "$bill/." "$new/"
}

# In place of the one before, of which the program stays: a daemon that runs from it has not loaded all of it yet.
put_in_place() {
  local old_hash
  if [ -d "$dist/$name" ]; then
    old_hash=$(sed -n 's|^app=.*/app-||p' "$dist/$name/bin/taskmaster")
    if [ -n "$old_hash" ] && [ "$old_hash" != "$hash" ]; then cp -al "$dist/$name/lib/app-$old_hash" "$new/lib/"; fi
    mv "$dist/$name" "$stage/old"
  fi
  mv "$new" "$dist/$name"
}

make_archive() {
  tm_say "  the archive …"
  tar --create --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$epoch" --mode=go+rX,go-w,u+w --format=gnu \
    --directory "$stage" "$name" | gzip -6n >"$dist/$name.tar.gz.new"
  mv "$dist/$name.tar.gz.new" "$dist/$name.tar.gz"
}

exec 9>"$TM_HOME/.build.lock" # two first calls at once: one builds, the other waits for it
flock 9
if [ -n "$only_program" ] && tm_is_built; then exit 0; fi
tm_find_jdk
tm_compile
began=$SECONDS
version=$(sed -n 's|^  <version>\(.*\)</version>$|\1|p' "$TM_HOME/pom.xml")
name="taskmaster-$version-linux-$(uname -m)"
# the time that all files have, jars' entries too: the JVM drops a cache when a jar's is not that of the training
epoch=$(date -d "$(sed -n 's|.*<project.build.outputTimestamp>\(.*\)</.*|\1|p' "$TM_HOME/pom.xml")" +%s)
mkdir -p "$parts"
rm -rf "$dist"/.stage.* # of those that were killed
stage=$(mktemp -d "$dist/.stage.XXXXXX")
trap 'rm -rf "$stage"' EXIT
new="$stage/$name"
mkdir "$new"
tm_say "packaging …"
make_runtime
make_picocli
make_program
make_caches 9>&-
check_caches
make_bill
add_documents
[ -n "$only_program" ] || make_archive
put_in_place
echo "$name" >"$TM_STAMP"
tm_say "dist/$name is ready ($((SECONDS - began)) s)"
