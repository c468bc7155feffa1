#!/usr/bin/env bash
# A receiver to try alerts.webhook with: webhook_demo.sh [--port 8080] [--fail N]
set -euo pipefail
. "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/lib.sh"

usage() {
  cat <<'EOT'
usage: webhook_demo.sh [--port PORT] [--fail N]

Receives alerts on 127.0.0.1 and shows each as it comes, in this terminal and on a web page. Ctrl-C ends it.

  --port PORT  where to listen (8080 if not given; 0: any free port)
  --fail N     answers 503 to the first N alerts, to see that they are sent again

To send alerts here, the configuration needs

  alerts:
    webhook: { url: "http://127.0.0.1:8080/webhook" }

The page is http://127.0.0.1:8080/
EOT
}

for argument in "$@"; do
  case $argument in -h|--help|help) usage; exit 0 ;; esac
done
tm_find_jdk
exec "$TM_JAVA/bin/java" -XX:+UseSerialGC -XX:TieredStopAtLevel=1 "$TM_HOME/scripts/webhook/WebhookDemo.java" "$@"
