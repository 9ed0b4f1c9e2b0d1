"""The baseline of the journeys: a bare Flask form with ten answers, and the same writes by plain SQL.

One page, one form, no page kit, no room: what a journey costs at least, with the same durability. The page is
rendered once and kept; only its token is filled in for each person.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import sys
import threading
from datetime import UTC, datetime

from flask import Flask, redirect, render_template, request, session
from flask.typing import ResponseReturnValue

from engage.serving import serve

FREE = ("a3", "a4", "a6", "a9")
SLOT = "TOKEN-GOES-HERE"
FORM = """<!doctype html><title>Form</title><form method="post">
<input type="hidden" name="csrf_token" value="{{ token }}">
{% for n in range(1, 11) %}<label>Question {{ n }} <input name="a{{ n }}"></label>{% endfor %}
<button>Send</button></form>"""
TABLES = """
CREATE TABLE IF NOT EXISTS receipt (id INTEGER PRIMARY KEY, nonce TEXT UNIQUE, code TEXT UNIQUE, at TEXT);
CREATE TABLE IF NOT EXISTS response (id INTEGER PRIMARY KEY, receipt_id INT, answers TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS contribution (id INTEGER PRIMARY KEY, receipt_id INT, text TEXT, at TEXT);
CREATE TABLE IF NOT EXISTS audit (id INTEGER PRIMARY KEY, action TEXT, previous TEXT, hash TEXT, at TEXT);
"""
_local = threading.local()


def connection() -> sqlite3.Connection:
    if not hasattr(_local, "made"):
        made = sqlite3.connect(os.environ["BARE_DATABASE"], isolation_level=None, timeout=30)
        made.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + TABLES)
        _local.made = made
    found: sqlite3.Connection = _local.made
    return found


def create_app() -> Flask:
    app = Flask(__name__)
    app.secret_key = "only for this benchmark"
    template = app.jinja_env.from_string(FORM)  # Compiled once, as a template in a file is.
    with app.test_request_context():
        before, _slot, after = render_template(template, token=SLOT).partition(SLOT)

    @app.route("/", methods=["GET", "POST"])
    def form() -> ResponseReturnValue:
        if request.method == "POST":
            if not secrets.compare_digest(request.form.get("csrf_token", ""), session.get("csrf", "")):
                return "try again", 400
            session["code"] = write(session["nonce"], request.form.to_dict())
            return redirect("/thanks", 303)
        session["csrf"], session["nonce"] = secrets.token_hex(16), secrets.token_hex(16)
        return before + session["csrf"] + after

    @app.get("/thanks")
    def thanks() -> str:
        return f"<!doctype html><title>Thanks</title><p>Thanks: {session['code']}"

    return app


def write(nonce: str, answers: dict[str, str]) -> str:
    """Receipt, response, four contributions and a chained audit row in one transaction."""
    code, at, c = hashlib.sha256(nonce.encode()).hexdigest()[:12], datetime.now(UTC).isoformat(), connection()
    c.execute("BEGIN IMMEDIATE")
    receipt = c.execute("INSERT INTO receipt (nonce, code, at) VALUES (?, ?, ?)", (nonce, code, at)).lastrowid
    c.execute(
        "INSERT INTO response (receipt_id, answers, at) VALUES (?, ?, ?)", (receipt, json.dumps(answers), at)
    )
    said = [(receipt, answers[name], at) for name in FREE if answers.get(name)]
    c.executemany("INSERT INTO contribution (receipt_id, text, at) VALUES (?, ?, ?)", said)
    last = c.execute("SELECT hash FROM audit ORDER BY id DESC LIMIT 1").fetchone()
    previous = last[0] if last else ""
    digest = hashlib.sha256(f"{previous}{receipt}{at}".encode()).hexdigest()
    c.execute(
        "INSERT INTO audit (action, previous, hash, at) VALUES ('send', ?, ?, ?)", (previous, digest, at)
    )
    c.execute("COMMIT")
    return code


if __name__ == "__main__":
    serve(create_app, host="127.0.0.1", port=int(sys.argv[sys.argv.index("--port") + 1]))
