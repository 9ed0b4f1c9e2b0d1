"""The README says what is true."""

from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from engage.cli import main
from engage.config import DEFAULT_SECRET_KEY, Settings

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- settings -->\n", "<!-- /settings -->"


def settings_table() -> str:
    """The table of settings, made from the settings themselves."""
    rows = ["| variable | default | what it is |", "|---|---|---|"]
    for name, field in Settings.model_fields.items():
        if field.default_factory:
            default = "`[]`"
        elif field.default == DEFAULT_SECRET_KEY:
            default = ""
        else:
            default = "" if field.default in ("", None) else f"`{field.default}`"
        rows.append(f"| `ENGAGE_{name.upper()}` | {default} | {field.description} |")
    return "\n".join(rows) + "\n"


def test_the_table_of_settings_is_the_settings() -> None:
    """To write it anew: python -m tests.test_readme"""
    text = README.read_text(encoding="utf-8")
    assert text.split(START)[1].split(END)[0] == settings_table()


def test_every_command_is_in_the_table() -> None:
    text = README.read_text(encoding="utf-8")
    for name in main.commands:
        assert f"`engage {name}" in text


def test_the_command_explains_itself() -> None:
    answer = CliRunner().invoke(main, ["--help"])
    assert answer.exit_code == 0
    for name in ("demo", "serve", "worker", "import", "suggest", "group", "export", "doctor"):
        assert name in answer.output


def test_the_picture_is_there() -> None:
    assert (README.parent / ".github" / "engage.png").is_file()


if __name__ == "__main__":
    before, rest = README.read_text(encoding="utf-8").split(START)
    README.write_text(before + START + settings_table() + END + rest.split(END)[1], encoding="utf-8")
