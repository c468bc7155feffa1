"""A web server that counts its visitors in the database: site.py PORT."""
import http.server
import os
import subprocess
import sys

INSTANCE = os.environ["TASKMASTER_INSTANCE"]
PORT = int(sys.argv[1])
COUNT = "UPDATE visits SET seen = seen + 1 WHERE page = '/' RETURNING seen"
LOOK = "SELECT seen FROM visits WHERE page = '/'"


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/alive":  # says nothing of the database: a restart here would not help that
            return self.answer(200, "yes\n")
        asked = subprocess.run(
            ["psql", "-qAtc", COUNT if self.path == "/count" else LOOK],
            capture_output=True, text=True, timeout=5)
        if asked.returncode == 0:
            self.answer(200, f"{asked.stdout.strip()} visits, says {INSTANCE}\n")
        else:
            self.answer(503, asked.stderr)

    def answer(self, status, text):
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *about):
        pass  # the probes would fill the log


print(f"{INSTANCE} listens on port {PORT}")
http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Site).serve_forever()
