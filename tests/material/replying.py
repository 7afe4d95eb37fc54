"""What servers of models in tests have in common: how a reply is sent."""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler


class Replying(BaseHTTPRequestHandler):
    """One connection. ``usual_type`` is the content type of its replies where they say none."""

    protocol_version = "HTTP/1.1"
    usual_type = "application/json"

    def send(self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        """Send a whole reply; ``length`` is said in the place of its own."""
        self.send_response(status)
        for name, value in {"Content-Type": self.usual_type, **(headers or {})}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass
