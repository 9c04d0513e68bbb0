#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""As much of the Messages API as Claude Code asks for, on a port of its own of the loopback.

	messages_api.py DIR

writes the port to DIR/port and a line for each answer to DIR/served: input, cache read, cache write and output tokens.
What it answers depends on the conversation's latest prompt: "fail" is refused, "RUN command" has the agent run the
command and then say "Done.", anything else is answered with "Hello."; never with more than a few words.
"""
import json
import os
import re
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

DIRECTORY = sys.argv[1]


def texts(content):
    if isinstance(content, str):
        return [content]
    return [block.get("text", "") for block in content if block.get("type") == "text"]


def has_tool_result(content):
    return not isinstance(content, str) and any(block.get("type") == "tool_result" for block in content)


def latest_prompt(messages):
    for message in reversed(messages):
        if message["role"] == "user" and not has_tool_result(message["content"]):
            return "\n".join(texts(message["content"]))
    return ""


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("request-id", "req_%d" % id(body))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        self.answer(200, b"")

    def do_GET(self):
        self.answer(200, b"{}")

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))) or b"{}")
        if "count_tokens" in self.path:
            self.answer(200, b'{"input_tokens":1}')
            return
        messages = asked.get("messages", [])
        prompt = latest_prompt(messages)
        if "fail" in prompt:
            error = {"type": "error", "error": {"type": "invalid_request_error", "message": "that will not do"}}
            self.answer(400, json.dumps(error).encode())
            return
        command = re.search(r"^RUN (.*)$", prompt, re.M)
        if command and not has_tool_result(messages[-1]["content"]):
            tool = json.dumps({"command": command.group(1), "description": "Do it"})
            block = {"type": "tool_use", "id": "toolu_%d" % len(messages), "name": "Bash", "input": {}}
            self.stream(asked, block, {"type": "input_json_delta", "partial_json": tool}, "tool_use")
        else:
            said = "Done." if command else "Hello."
            self.stream(asked, {"type": "text", "text": ""}, {"type": "text_delta", "text": said}, "end_turn")

    def stream(self, asked, block, delta, reason):
        usage = {"input_tokens": 100, "cache_read_input_tokens": 20, "cache_creation_input_tokens": 30, "output_tokens": 1}
        message = {"id": "msg_%d" % id(asked), "type": "message", "role": "assistant", "model": asked.get("model"),
                   "content": [], "stop_reason": None, "stop_sequence": None, "usage": usage}
        events = [{"type": "message_start", "message": message},
                  {"type": "content_block_start", "index": 0, "content_block": block},
                  {"type": "content_block_delta", "index": 0, "delta": delta},
                  {"type": "content_block_stop", "index": 0},
                  {"type": "message_delta", "delta": {"stop_reason": reason, "stop_sequence": None},
                   "usage": {"output_tokens": 7}},
                  {"type": "message_stop"}]
        with open(os.path.join(DIRECTORY, "served"), "a", encoding="utf-8") as log:
            log.write("100 20 30 7\n")
        body = "".join("event: %s\ndata: %s\n\n" % (event["type"], json.dumps(event)) for event in events)
        self.answer(200, body.encode(), "text/event-stream")


def main():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    with open(os.path.join(DIRECTORY, "port.new"), "w", encoding="utf-8") as port:
        port.write("%d\n" % server.server_address[1])
    os.rename(os.path.join(DIRECTORY, "port.new"), os.path.join(DIRECTORY, "port"))
    server.serve_forever()


main()
