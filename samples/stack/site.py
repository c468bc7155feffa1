"""A web server that counts its visitors in the database. Its port follows from its place among the instances."""
import http.server
import os
import subprocess

INSTANCE = os.environ["TASKMASTER_INSTANCE"]
PORT = 18080 + int(INSTANCE.split(":")[1])
COUNT = "UPDATE visits SET seen = seen + 1 WHERE page = '/' RETURNING seen"
LOOK = "SELECT seen FROM visits WHERE page = '/'"


class Site(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = subprocess.run(
            ["psql", "-qAtc", COUNT if self.path == "/count" else LOOK],
            capture_output=True, text=True, timeout=5)
        status = 200 if asked.returncode == 0 else 503
        text = f"{asked.stdout.strip()} visits, says {INSTANCE}\n" if status == 200 else asked.stderr
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *about):
        pass  # the probes would fill the log


print(f"{INSTANCE} listens on port {PORT}")
http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Site).serve_forever()
