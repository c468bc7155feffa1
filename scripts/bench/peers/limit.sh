# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# The least that a C program can do, and programs that do nothing but log (behind the same pipe, see drain.c).

limit_is_there() { :; }
limit_version() { printf '%s, glibc %s\n' "$(cc --version | head -n 1)" "$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)"; }

drain() { printf '%s\n' "$work/drain" "$folder" "$1" "$child" "$records" "${says[@]}"; } # COUNT

limit_prepare() { # COUNT
  if [ ${#says[@]} -gt 0 ]; then mapfile -t command < <(drain "$1")
  else command=("$work/spawner" "$1" "$child" "$records"); if [ -n "$captured" ]; then command+=("$run_folder"); fi; fi
  "$gauge" serve "$folder/socket" </dev/null >/dev/null 2>&1 &
}

# Who answers at once shows what curl takes.
limit_by_http() { # WHAT
  case $1 in status) curl_it http://x/ ;; esac
}

limit_by_command() { # WHAT
  case $1 in stop) printf '%s\n' kill -TERM "$pid" ;; esac
}

s6-log_is_there() { command -v s6-log >/dev/null; }

s6-log_prepare() {
  mapfile -t command < <(drain 1)
  command+=(s6-log -b n20 s268435455 "$folder/log") # the most: it turns four times
}

svlogd_is_there() { command -v svlogd >/dev/null; }

svlogd_prepare() {
  mkdir "$folder/log"
  echo s0 >"$folder/log/config"
  mapfile -t command < <(drain 1)
  command+=(svlogd -b 131072 "$folder/log")
}
