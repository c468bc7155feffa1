# shellcheck shell=bash disable=SC2034,SC2154  # what bench.sh sets is used here, and the other way round
# supervisord: one file, XML-RPC on a UNIX socket.

supervisord_is_there() { command -v supervisord >/dev/null && command -v supervisorctl >/dev/null; }
supervisord_version() { supervisord --version; }

supervisord_program() { # NAME
  local out=NONE err=NONE
  if [ ${#says[@]} -gt 0 ]; then out=AUTO; elif [ -n "$captured" ]; then out=AUTO err=AUTO; fi
  printf '[program:%s]\ncommand=%s %s %s %s\nstartsecs=0\nautorestart=true\nstdout_logfile=%s\nstderr_logfile=%s\n' \
    "$1" "$child" "$records" "$1" "${says[*]}" "$out" "$err"
  if [ ${#says[@]} -gt 0 ]; then printf 'stdout_logfile_maxbytes=0\n'; fi
}

supervisord_add() { supervisord_program "$1" >>"$folder/file"; } # NAME

supervisord_prepare() { # COUNT
  local name body='<methodCall><methodName>supervisor.getState</methodName></methodCall>'
  {
    cat <<EOT
[supervisord]
nodaemon=true
logfile=$folder/daemon.log
pidfile=$folder/pid
childlogdir=$folder
minfds=$(descriptors supervisord "$1")
[unix_http_server]
file=$folder/socket
chmod=0700
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://$folder/socket
EOT
    for name in $(names "$1"); do supervisord_program "$name"; done
  } >"$folder/file"
  printf 'POST /RPC2 HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
    "${#body}" "$body" >"$folder/request"
  command=(supervisord -c "$folder/file")
}

supervisord_by_command() { # WHAT
  case $1 in
    status) printf '%s\n' supervisorctl -c "$folder/file" status ;;
    reload) printf '%s\n' supervisorctl -c "$folder/file" update ;;
  esac
}

xml_call() { # METHOD [STRING]
  printf '<value><struct><member><name>methodName</name><value><string>%s</string></value></member><member><name>params</name><value><array><data>%s</data></array></value></member></struct></value>' \
    "$1" "${2:+<value><string>$2</string></value>}"
}

xml_rpc() { # METHOD [PARAMS]
  curl_it -H 'Content-Type: text/xml' --data-raw "<methodCall><methodName>$1</methodName>${2:-}</methodCall>" http://x/RPC2
}

supervisord_by_http() { # WHAT [NAME]
  local calls
  case $1 in
    status) xml_rpc supervisor.getAllProcessInfo ;;
    reload_same) xml_rpc supervisor.reloadConfig ;;
    reload)
      calls=$(xml_call supervisor.reloadConfig)$(xml_call supervisor.addProcessGroup "$2")
      xml_rpc system.multicall "<params><param><value><array><data>$calls</data></array></value></param></params>" ;;
    stop) xml_rpc supervisor.stopAllProcesses ;;
  esac
}
