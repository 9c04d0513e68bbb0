#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A service that runs agents, as far as runwake-remote asks for one, on a port of its own of the loopback.

	run_api.py DIR [CERTIFICATE]

writes the port to DIR/port and a line for each request to DIR/asked: time, method, path, "key" where the right key came.
DIR/mode, read at each request, says what it does besides answering:

	""            answers as it should            flat          answers in the older shape
	500, 401, …   answers so                      429 N         asks to wait N seconds
	lose          begins the run, and hangs up    lose-unlisted the same, and lists it nowhere
	redirect URL  sends there                     drip          a status comes a byte a second, for ever
	html          a page instead of JSON          huge          100 MB
	lie FILE      the status is FILE's bytes      other         the status is another run's

Runs are DIR/runs/ID, JSON as POST made it; a test sets how one stands by writing DIR/runs/ID.status, which is laid over the
usual status. The key is DIR/key's.
"""
import json
import os
import re
import ssl
import sys
import time
import uuid
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIRECTORY = sys.argv[1]
BASE = "/api/v1/workflows/claude-code"


def read(name, fallback=""):
    try:
        with open(os.path.join(DIRECTORY, name), encoding="utf-8") as file:
            return file.read().strip()
    except FileNotFoundError:
        return fallback


def now():
    return datetime.now(timezone.utc).isoformat()


def nested(run):
    return {
        "run_id": run["run_id"], "status": "running", "workflow_name": run["workflow_name"],
        "started_at": run["started_at"], "completed_at": None,
        "progress": {"turns": 1, "max_turns": 30, "current_phase": "working", "is_running": True},
        "metrics": {"cost_usd": 0.0123, "tokens": {"total": 175, "input": 100, "output": 20, "cache_created": 30,
                                                   "cache_read": 25}, "tools_used": ["Edit"]},
        "result": {"success": None, "completion_type": None, "message": "", "final_output": None, "git_commits": []},
    }


def flat(run):
    return {
        "run_id": run["run_id"], "status": "running", "session_id": str(uuid.uuid4()), "started_at": run["started_at"],
        "claude_session_id": "agent-session-1", "cost": 0.5, "tokens": 175, "input_tokens": 100, "output_tokens": 20,
        "turns": 4, "exit_code": None, "result": None, "error": None,
    }


def laid_over(base, over):
    for key, value in over.items():
        if isinstance(value, dict) and isinstance(base.get(key), dict):
            laid_over(base[key], value)
        else:
            base[key] = value
    return base


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def note(self):
        key = "key" if self.headers.get("x-api-key") == read("key") else "nokey"
        with open(os.path.join(DIRECTORY, "asked"), "a", encoding="utf-8") as file:
            file.write("%.3f %s %s %s\n" % (time.time(), self.command, self.path, key))

    def answer(self, status, document, **headers):
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            pass

    def misbehave(self, mode):
        """True: it has answered, in its way."""
        word, _, rest = mode.partition(" ")
        if word == "429":
            self.answer(429, {"detail": "slowly"}, retry_after=rest)
        elif word.isdigit():
            self.answer(int(word), {"detail": "refused \x1b[31m"})
        elif word == "redirect":
            self.answer(307, {}, location=rest)
        elif word == "html":
            self.answer(200, b"<html><body>It works</body></html>")
        elif word == "huge":
            self.send_response(200)
            self.send_header("content-length", str(100 << 20))
            self.end_headers()
            try:
                for _ in range(100):
                    self.wfile.write(b" " * (1 << 20))
            except OSError:
                self.close_connection = True
        elif word == "drip":
            self.send_response(200)
            self.send_header("content-length", "1000")
            self.end_headers()
            try:
                for _ in range(1000):
                    self.wfile.write(b" ")
                    time.sleep(1)
            except OSError:
                self.close_connection = True
        else:
            return False
        return True

    def is_let_in(self):
        if read("key") and self.headers.get("x-api-key") != read("key"):
            self.answer(401, {"detail": "x-api-key is wrong"})
            return False
        return True

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))) or b"{}")
        self.note()
        mode = read("mode")
        if not self.is_let_in() or (mode != "drip" and self.misbehave(mode)):
            return
        killed = re.fullmatch(BASE + r"/run/([^/?]+)/kill", self.path)
        if killed:
            with open(os.path.join(DIRECTORY, "runs", killed.group(1) + ".status"), "w", encoding="utf-8") as file:
                json.dump({"status": "killed", "completed_at": now(), "progress": {"is_running": False}}, file)
            self.answer(200, {"success": True, "run_id": killed.group(1)})
            return
        run = {"run_id": read("next-id") or str(uuid.uuid4()), "workflow_name": self.path.split("/")[-1].split("?")[0],
               "session_name": body.get("session_name"), "started_at": now(), "status": "pending", "body": body}
        with open(os.path.join(DIRECTORY, "runs", run["run_id"]), "w", encoding="utf-8") as file:
            json.dump(run, file)
        if read("mode").startswith("lose"):
            self.close_connection = True
            self.connection.close()
            return
        self.answer(200, {key: run[key] for key in ("run_id", "status", "workflow_name", "started_at")} |
                    {"session_id": str(uuid.uuid4()), "message": "started"})

    def do_GET(self):
        self.note()
        mode = read("mode")
        if not self.is_let_in() or self.misbehave(mode):
            return
        if self.path.startswith(BASE + "/runs?"):
            runs = [] if mode == "lose-unlisted" else [
                json.loads(read("runs/" + name)) for name in sorted(os.listdir(os.path.join(DIRECTORY, "runs")))
                if not name.endswith(".status")]
            for run in runs:
                run.pop("body")
            self.answer(200, {"runs": runs, "total_count": len(runs), "page": 1, "page_size": 100, "has_next": False})
            return
        asked = re.fullmatch(BASE + r"/run/([A-Za-z0-9._-]+)/status", self.path)
        text = read("runs/" + asked.group(1)) if asked else ""
        if not text:
            self.answer(404, {"detail": "no such run"})
            return
        if mode.startswith("lie "):
            with open(mode[4:], "rb") as file:
                self.answer(200, file.read())
            return
        run = json.loads(text)
        if mode == "other":
            run["run_id"] = "another"
        status = flat(run) if mode == "flat" else nested(run)
        self.answer(200, laid_over(status, json.loads(read("runs/%s.status" % asked.group(1), "{}"))))


def main():
    os.makedirs(os.path.join(DIRECTORY, "runs"), exist_ok=True)
    port = int(read("port", "0"))
    ThreadingHTTPServer.allow_reuse_address = True
    ThreadingHTTPServer.daemon_threads = True
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    if len(sys.argv) > 2:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(sys.argv[2])
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(os.path.join(DIRECTORY, "port.new"), "w", encoding="utf-8") as file:
        file.write("%d\n" % server.server_address[1])
    os.rename(os.path.join(DIRECTORY, "port.new"), os.path.join(DIRECTORY, "port"))
    with open(os.path.join(DIRECTORY, "pid"), "w", encoding="utf-8") as file:
        file.write("%d\n" % os.getpid())
    server.serve_forever()


main()
