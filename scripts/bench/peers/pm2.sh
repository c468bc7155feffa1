# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# pm2: one file, a command line in Node.js.

pm2_is_there() { command -v pm2 >/dev/null; }

# Not by asking it: that would start a daemon.
pm2_version() { sed -n 's/^ *"version": *"\(.*\)".*/\1/p' "$(dirname "$(dirname "$(readlink -f "$(command -v pm2)")")")/package.json"; }

pm2_prepare() { # COUNT
  local name separator='' output=/dev/null
  {
    printf '{"apps":['
    for name in $(names "$1"); do
      if [ -n "$captured" ]; then output=$folder/$name.log; fi
      printf '%s\n{"name":"%s","script":"%s","args":["%s","%s"],"interpreter":"none","exec_mode":"fork","min_uptime":0,"restart_delay":0,"out_file":"%s","error_file":"%s"}' \
        "$separator" "$name" "$child" "$records" "$name" "$output" "$output"
      separator=,
    done
    printf ']}\n'
  } >"$folder/file.json"
  command=(env "PM2_HOME=$folder" pm2 start "$folder/file.json" --no-daemon)
}

pm2_by_command() { # WHAT
  case $1 in
    status) printf '%s\n' env "PM2_HOME=$folder" pm2 status ;;
    stop) printf '%s\n' env "PM2_HOME=$folder" pm2 stop all ;;
  esac
}
