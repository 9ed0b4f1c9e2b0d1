"""Put the outline icons that the pages use, and our own theme marks, in one SVG sprite.

Run by vendor.sh: python3 sprite.py TABLER_PACKAGE IMAGE_FOLDER. The icons are Tabler's (MIT);
the six theme marks are our own, so that each theme can be told apart by its shape without its colour.
"""

import re
import sys
from pathlib import Path

# What a page asks for, and the drawing in the icon set that answers.
ICONS = {
    "today": "sun",
    "listen": "volume",
    "voices": "message-2",
    "themes": "category",
    "groups": "stack-2",
    "notes": "notes",
    "imports": "file-import",
    "surveys": "clipboard-list",
    "people": "users",
    "safeguarding": "shield-heart",
    "audit": "history",
    "results": "chart-bar",
    "export": "file-export",
    "conversations": "messages",
    "priorities": "scale",
    "events": "calendar",
    "language": "world",
    "phone": "phone",
    "text-size": "letter-case",
    "down": "chevron-down",
    "forward": "arrow-right",
    "back": "arrow-left",
    "alert": "alert-triangle",
    "info": "info-circle",
    "done": "check",
    "help": "lifebuoy",
    "print": "printer",
    "menu": "menu-2",
    "search": "search",
    "filter": "filter",
    "edit": "pencil",
    "join": "arrows-join",
    "split": "arrows-split",
    "hold": "hand-stop",
    "hide": "eye-off",
    "sealed": "lock",
    "add": "plus",
    "remove": "x",
    "upload": "upload",
    "download": "download",
    "clock": "clock",
    "place": "map-pin",
    "mail": "mail",
    "link": "link",
    "settings": "settings",
    "refresh": "refresh",
    "undo": "arrow-back-up",
    "inbox": "inbox",
    "sign-out": "logout",
}

# Disc, speech square, three discs, diamond, triangle, person: by the theme's place in its framework.
THEME_MARKS = [
    '<circle cx="12" cy="12" r="10"/>',
    '<path d="M5 2h14a3 3 0 0 1 3 3v9a3 3 0 0 1-3 3h-6.5L7 22.5V17H5a3 3 0 0 1-3-3V5a3 3 0 0 1 3-3z"/>',
    '<circle cx="12" cy="7" r="5.4"/><circle cx="6.4" cy="16.6" r="5.4"/><circle cx="17.6" cy="16.6" r="5.4"/>',
    '<rect x="4" y="4" width="16" height="16" rx="2.4" transform="rotate(45 12 12)"/>',
    '<path d="M12 3.4 21.8 20.4H2.2z" stroke="currentColor" stroke-width="2.6" stroke-linejoin="round"/>',
    '<circle cx="12" cy="6.6" r="5"/><path d="M2 22.4a10 9.2 0 0 1 20 0z"/>',
]


def drawing(package: Path, name: str) -> str:
    """Return the paths of one outline icon, without the empty box that each file begins with."""
    source = (package / "icons" / "outline" / f"{name}.svg").read_text(encoding="utf-8")
    return "".join(p for p in re.findall(r"<path [^>]*/>", source) if 'stroke="none"' not in p)


def main(package: Path, images: Path) -> None:
    """Write sprite.svg and the icon set's licence into the image folder."""
    lines = [
        '<svg xmlns="http://www.w3.org/2000/svg">',
        "<!-- Icons: Tabler, MIT licence, see tabler-LICENSE.txt. -->",
    ]
    lines += [
        f'<symbol id="{ours}" viewBox="0 0 24 24">{drawing(package, theirs)}</symbol>'
        for ours, theirs in ICONS.items()
    ]
    lines += [
        f'<symbol id="theme-{place}" viewBox="0 0 24 24">{shape}</symbol>'
        for place, shape in enumerate(THEME_MARKS, 1)
    ]
    images.mkdir(parents=True, exist_ok=True)
    (images / "sprite.svg").write_text("\n".join([*lines, "</svg>", ""]), encoding="utf-8")
    licence = (package / "LICENSE").read_text(encoding="utf-8")
    (images / "tabler-LICENSE.txt").write_text(licence, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
