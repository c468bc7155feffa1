#!/bin/sh
# shellcheck shell=dash disable=SC2034
# A program of the chaos run: tells in files that it started, then lives as its kind does. Starts in the run's folder.
kind=$1
instance=$TASKMASTER_INSTANCE
run=${TASKMASTER_RUN%.stdout}
run=${run##*.}

# Whatever descends from us holds this lock and shows this descriptor, whatever it does to its environment, session and
# parent. So the lock is free only when nothing of the earlier run is left, and a second run sees it at once.
exec 9>>"locks/$instance"
code=0
flock -n 9 || code=$?
read -r uptime idle </proc/uptime
if [ "$code" -eq 1 ]; then
  holders=
  for process in /proc/[0-9]*; do
    if [ "${process#/proc/}" != $$ ] && [ "$process/fd/9" -ef "locks/$instance" ]; then
      read -r stat <"$process/stat"
      command=$(tr '\0' ' ' <"$process/cmdline")
      mark=$(tr '\0' '\n' <"$process/environ" | grep ^TASKMASTER_RUN)
      holders="$holders [$(echo "$stat" | cut -d' ' -f1-6) $command$mark]"
    fi
  done
  echo "$instance run $run (pid $$, up $uptime) beside$holders" >>doubles
fi
echo "$run $$ $uptime" >>"starts/$instance"

sleep_long() { exec sleep 100000; }

beat() {
  while read -r uptime idle </proc/uptime; do
    echo "$run $uptime" >>"beats/$instance"
    sleep 1
  done
}

# A tree of that depth, with one in a session of its own at each fork; root has no ulimit -u to bound it by.
bomb() {
  if [ "$1" -gt 0 ]; then
    bomb $(($1 - 1)) &
    bomb $(($1 - 1)) &
    setsid sleep 100000 &
    wait
  fi
  sleep_long
}

case $kind in
  sleeper) sleep_long ;;
  beater) beat ;;
  stubborn) trap '' TERM; sleep_long ;;
  forker)
    sleep 100000 &
    setsid sleep 100000 &
    (setsid sleep 100000 &)
    sleep_long ;;
  wiper)
    env -i setsid sleep 100000 &
    exec env -i sleep 100000 ;;
  closer)
    exec >&- 2>&-
    sleep 100000 &
    sleep_long ;;
  slow)
    trap 'sleep 0.7; exit 0' TERM
    while :; do sleep 100000 & wait $!; done ;;
  flood) # no more than so many bytes a second
    while :; do
      yes "$instance run $run says the same line of some eighty characters again and again" | head -c "$2"
      sleep 1
    done ;;
  crasher) sleep 0.05; exit $((run % 5 + 1)) ;;
  looper) sleep $((run % 3 + 1)); exit 3 ;;
  job) sleep 0.2; exit 0 ;;
  once) sleep 0.3; exit 7 ;;
  bomb)
    bomb 3 &
    sleep 1
    exit 9 ;;
  *) echo "no such kind: $kind" >&2; exit 100 ;;
esac
