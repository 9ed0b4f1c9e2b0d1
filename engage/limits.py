"""How often one address may try something that could be guessed."""

from flask import current_app
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address

limiter = Limiter(key_func=get_remote_address, headers_enabled=False)


def sign_in_limit() -> str:
    return str(current_app.config["SIGN_IN_LIMIT"])


def code_limit() -> str:
    return str(current_app.config["CODE_LIMIT"])
