#!/usr/bin/env bash
# Measures TaskMaster beside other supervisors and beside the least that a C program can do.
# shellcheck disable=SC2034,SC2153  # the parts in bench/ use what is set here
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"
BENCH=$TM_HOME/scripts/bench
for part in "$BENCH"/{measure,report,plot}.sh "$BENCH"/peers/*.sh; do
  # shellcheck source=/dev/null
  . "$part"
done

SCENARIOS=(few many bare flood chatter large micro)
USUAL=(few many bare flood chatter)
LARGE=(4000 10000)

usage() {
  cat <<EOT
usage: bench.sh [OPTION…] [SCENARIO…|all]

Measures TaskMaster, a loop in C, and what is installed of supervisord, s6, runit and pm2, in turn, and prints the
medians. All of them run programs of their own in a folder of their own; daemons that run already are left alone.
Needs curl and cc. Without a SCENARIO: ${USUAL[*]}, and docs/BENCHMARKS.md is written; 5 runs take about 25 minutes.

  few       $FEW programs: first answer, memory, kill -9 to the next start, status by command line and by HTTP
  many      N programs: up, memory, CPU at rest, reload of an unchanged file, reload of one more, descriptors, stop all
  bare      N programs up, with discarded output
  flood     one program writes $FLOOD MiB to its log: how fast, and the daemon's CPU (also s6-log, svlogd)
  chatter   CPU of the daemon, N programs that write $LINES_EACH lines a second to a log each
  large     ${LARGE[*]} programs: up, memory, CPU at rest (supervisord: ${LARGE[0]}, once); not among the usual ones
  micro     JMH: planner, fold, parser (3 minutes); not among the usual ones
  report    measures nothing more: the report of what is in --samples

  --programs N       how many "many" are (1000)
  --runs N           launches of TaskMaster and C in each scenario (5); of the others 3 at the most, in chatter 2 of all
  --output MODE      of the silent programs: file, captured as by default, or discard
  --taskmaster PATH  what is measured (the package in dist/, made anew where it is older than its sources)
  --only LIST        of the daemons only these, as taskmaster,limit,s6
  --check            after that: each requirement met or missed; exit code 1 if one is missed. With \`bare\` it is known how much
                     slower than usual this machine is, and times that it explains are "met at its pace"
  --samples DIR      keep all single figures there, and add to those that are there
  --out FILE         where the report goes (all usual scenarios: docs/BENCHMARKS.md; only some: nowhere)

  bench.sh
  bench.sh --runs 1 --programs 200 --only taskmaster,limit few many
  bench.sh --samples /tmp/figures large && bench.sh --samples /tmp/figures --check
EOT
}

programs=1000 runs=5 captured=yes out='' chosen=() only='' check='' samples='' taskmaster=''

fail() { printf '[TaskMaster] %s\n' "$*" >&2; exit 1; }
misused() { tm_say "usage: $*"; exit 2; }
number() { [[ $2 =~ ^[1-9][0-9]{0,4}$ ]] || misused "$1 needs a number from 1, not '$2'"; }

while [ $# -gt 0 ]; do
  case $1 in
    -h|--help) usage; exit 0 ;;
    --programs|--runs|--output|--out|--taskmaster|--only|--samples) [ $# -ge 2 ] || misused "$1 needs a value" ;;&
    --programs) number "$1" "$2"; programs=$2; shift 2 ;;
    --runs) number "$1" "$2"; runs=$2; shift 2 ;;
    --output)
      case $2 in file) captured=yes ;; discard) captured='' ;; *) misused "--output is file or discard, not '$2'" ;; esac
      shift 2 ;;
    --taskmaster) taskmaster=$(readlink -f "$2"); [ -x "$taskmaster" ] || misused "--taskmaster: cannot run $2"; shift 2 ;;
    --only) only=,$2,; shift 2 ;;
    --check) check=yes; shift ;;
    --samples) mkdir -p "$2"; samples=$(readlink -f "$2"); shift 2 ;;
    --out) out=$2; shift 2 ;;
    all) chosen+=("${SCENARIOS[@]}"); shift ;;
    *)
      case " ${SCENARIOS[*]} report " in *" $1 "*) chosen+=("$1") ;; *) misused "unknown argument '$1' (see --help)" ;; esac
      shift ;;
  esac
done
if [ ${#chosen[@]} -eq 0 ]; then chosen=("${USUAL[@]}"); fi
is_chosen() { case " ${chosen[*]} " in *" $1 "*) return 0 ;; *) return 1 ;; esac }
if [ -z "$out" ]; then
  out=$TM_HOME/docs/BENCHMARKS.md
  for scenario in "${USUAL[@]}"; do is_chosen "$scenario" || out=''; done
fi

few=$((programs < FEW ? programs : FEW))
kills=$((few < KILLS ? few : KILLS))
peer_runs=$((runs < 3 ? runs : 3))

for tool in curl cc awk pgrep; do
  command -v "$tool" >/dev/null || fail "cannot measure: $tool is not installed (Debian: apt-get install curl gcc libc6-dev mawk procps)"
done
tm_find_jdk
if [ -z "$taskmaster" ]; then tm_build; taskmaster=$TM_PROGRAM; fi
unset TASKMASTER_CONFIG TASKMASTER_SOCKET
export LC_ALL=C.UTF-8
if is_chosen flood || is_chosen chatter; then
  free=$(df -Pm "$TMPFS" 2>/dev/null | awk 'NR == 2 { print $4 }')
  [ "${free:-0}" -gt $((FLOOD + 200)) ] || fail "cannot measure: $TMPFS has ${free:-no} MiB free, flood and chatter need $((FLOOD + 200))"
fi
load=$(cut -d' ' -f1 /proc/loadavg)
if awk -v busy="$load" -v cores="$(nproc)" 'BEGIN { exit !(busy > cores / 4) }'; then # gawk has a "load" of its own
  tm_say "the machine is busy (load $load): the figures will be worse than they could be, and not alike"
fi

work=$(readlink -f "$(mktemp -d "${TMPDIR:-/tmp}/tm-bench.XXXXXX")")
if [ -z "$samples" ]; then samples=$work/samples; fi
gauge=$work/gauge child=$work/child
who='' pid='' folder='' run_folder='' records='' place=$work run_place=$work
says=() rotation=''   # of the programs that write: what (see child.c), and what keeps the log from turning
for candidate in /run "${XDG_RUNTIME_DIR:-/run}" "$TMPFS"; do
  if [ -w "$candidate" ] && [ "$(stat -f -c %T "$candidate")" = tmpfs ]; then run_place=$candidate; break; fi
done

# ---- the steps ----

steps=()      # "scenario who runs…"
declare -A cost=() left_out=()
began_at=$SECONDS

clear_progress() { if [ -t 2 ]; then printf '\r\033[K' >&2; fi; }
clock() { printf '%d:%02d' $(($1 / 60)) $(($1 % 60)); } # SECONDS

estimate() { # STEP: seconds, as it took before
  local scenario=${1%% *} key=${1% run *}
  case $scenario in warmup) echo 3 ;; micro) echo 180 ;; large) echo "${cost[$key]:-60}" ;; *) echo "${cost[$key]:-25}" ;; esac
}

progress() { # INDEX
  local elapsed=$((SECONDS - began_at)) rest=0 i bar
  for ((i = $1; i < ${#steps[@]}; i++)); do rest=$((rest + $(estimate "${steps[i]}"))); done
  bar=$((20 * $1 / ${#steps[@]}))
  local line
  line=$(printf '%3d of %d  %s  (%s gone, about %s to go)' $(($1 + 1)) ${#steps[@]} "${steps[$1]}" "$(clock "$elapsed")" "$(clock "$rest")")
  if [ -t 2 ]; then printf '\r\033[K[%.*s%*s] %s' "$bar" '####################' $((20 - bar)) '' "$line" >&2; else tm_say "$line"; fi
}

# Ends a step: why its daemon cannot be measured there.
unable() {
  printf '%s\n' "$*" >"$work/unable"
  exit 3
}

takes_part() { # WHO
  [ -z "$only" ] || case $only in *",$1,"*) ;; *) return 1 ;; esac
  "${1}_is_there"
}

plan() { # SCENARIO RUNS PEER_RUNS WHO…
  local scenario=$1 most=$2 peers_most=$3 run who
  shift 3
  for ((run = 1; run <= most; run++)); do
    for who; do
      takes_part "${who%% *}" || continue
      case $who in taskmaster*|limit*) ;; *) [ "$run" -le "$peers_most" ] || continue ;; esac
      steps+=("$scenario $who run $run")
    done
  done
}

plan_all() {
  local scenario count
  for scenario in "${SCENARIOS[@]}"; do
    is_chosen "$scenario" || continue
    case $scenario in
      few) plan few "$runs" "$peer_runs" taskmaster limit supervisord s6 runit pm2 ;;
      many) plan many "$runs" "$peer_runs" taskmaster limit supervisord s6 runit ;;
      bare) plan bare "$runs" 0 taskmaster limit ;;
      flood) plan flood "$runs" "$peer_runs" taskmaster limit supervisord s6-log svlogd ;;
      chatter) plan chatter "$((runs < 2 ? runs : 2))" 2 taskmaster limit supervisord ;;
      micro) plan micro 1 0 taskmaster ;;
      large)
        for count in "${LARGE[@]}"; do plan large "$peer_runs" 0 "taskmaster $count" "limit $count"; done
        plan large 1 1 "supervisord ${LARGE[0]}" ;;
    esac
  done
  local who
  for who in pm2 runit s6 supervisord limit taskmaster; do
    case " ${steps[*]} " in *" few $who "*|*" many $who "*) steps=("warmup $who run 0" "${steps[@]}") ;; esac
  done
}

# In a process of its own, so that a peer which fails costs its own figures alone.
perform() { # STEP
  local words code began=$SECONDS
  read -r -a words <<<"${1% run *}"
  if [ -n "${left_out[${1% run *}]:-}" ]; then return; fi
  rm -f "$work/unable"
  set +e
  (
    set -e
    trap end_daemon EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    "measure_${words[0]}" "${words[@]:1}"
  )
  code=$?
  set -e
  if [ "$code" -ge 128 ]; then exit "$code"; fi
  if [ "$code" -ne 0 ]; then
    left_out[${1% run *}]=$(cat "$work/unable" 2>/dev/null || echo 'it failed, see above')
    clear_progress
    tm_say "left out: ${1% run *}: ${left_out[${1% run *}]}"
    printf '%s: %s\n' "${1% run *}" "${left_out[${1% run *}]}" >>"$samples/left_out"
  fi
  cost[${1% run *}]=$((SECONDS - began))
}

cleanup() {
  trap - EXIT INT TERM
  clear_progress
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mkdir -p "$samples"
of=$(cat "$samples/programs" 2>/dev/null || true)
if [ -n "$of" ] && [ "$of" != "$programs" ]; then fail "cannot add to $samples: its figures are of $of programs; with --programs $of, or in another folder"; fi
echo "$programs" >"$samples/programs"
for source in child spawner drain gauge; do
  cc -O2 -Wall -Wextra -o "$work/$source" "$BENCH/$source.c"
done
log='log: { max_bytes: 4GB, backups: 0 }'
echo "programs: { a: { cmd: [$child], $log } }" >"$work/validated"
if "$taskmaster" validate "$work/validated" >/dev/null 2>&1; then rotation=", $log"; fi

plan_all
if [ ${#steps[@]} -gt 0 ]; then
  said_to >>"$samples/commands"
  describe >"$samples/described"
fi
read -r time_before stolen_before < <(processor_time)
for ((step = 0; step < ${#steps[@]}; step++)); do
  progress "$step"
  perform "${steps[step]}"
done
clear_progress
if [ ${#steps[@]} -gt 0 ]; then
  stolen=$(stolen_since "$time_before" "$stolen_before")
  printf '            load before it %s; the host gave %s %% of the processors'\'' time to others\n' "$load" "${stolen:-0}" >>"$samples/commands"
  if [ "${stolen:-0}" -gt 5 ]; then tm_say "the host gave $stolen % of the processors' time to others: the figures are worse than they could be"; fi
fi
tables
if [ -n "$out" ]; then
  [ -s "$samples/described" ] || fail "cannot write $out: nothing was measured (with report, --samples says where the figures are)"
  write_report "$out"
  tm_say "written: $out and $(plot_of "$out")"
fi
if [ -n "$check" ]; then requirements; fi
