"""Trim the fonts of the paper copies, and write down which characters they have between them.

Called by print_fonts.sh with the folder that npm filled and the folder to write to.
"""

import shutil
import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

LATIN_AND_CYRILLIC = "0000-024F,02B0-036F,0400-052F,1AB0-1AFF,1DC0-1DFF,1E00-1EFF,2000-20CF,2100-214F,2150-218F,FB00-FB06,FE00-FE0F,FEFF,FFFC,FFFD"
EVERYTHING = "0000-10FFFF"
ARROWS = "2190-21FF"
SHAPES_AND_MARKS = "2300-23FF,2460-24FF,25A0-25FF,2600-27BF"

# Folder of the font, whether it has a bold cut that we need, which characters to keep (none named: the file is
# taken as it is, since trimming unfolds the tables of the Arabic scripts to twice their size), and whether
# letters join into others. Pictures of several people or of flags come out one beside the other.
FONTS = [
    ("atkinson-hyperlegible-next", True, "", True),
    ("noto-sans", True, LATIN_AND_CYRILLIC, True),
    ("noto-sans-arabic", True, "", True),
    ("noto-nastaliq-urdu", True, "", True),
    ("noto-sans-gurmukhi", True, "", True),
    ("noto-sans-symbols", False, ARROWS, False),
    ("noto-sans-symbols-2", False, SHAPES_AND_MARKS, False),
    ("noto-emoji", False, EVERYTHING, False),
]


def trim(source: Path, target: Path, keep: str, joins: bool) -> set[int]:
    """Write ``source`` without hinting and with the characters in ``keep`` alone; say which those are."""
    if not keep:
        shutil.copy(source, target)
        return set(TTFont(source).getBestCmap())
    options = subset.Options(hinting=False, layout_features=["*"] if joins else [], name_IDs=["*"])
    options.notdef_outline = True
    options.recalc_timestamp = False
    font = TTFont(source, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=subset.parse_unicodes(keep))
    subsetter.subset(font)
    font.save(target)
    return set(font.getBestCmap())


def ranges(characters: set[int]) -> list[str]:
    """``{65, 66, 67, 97}`` as ``["0041-0043", "0061"]``."""
    found: list[list[int]] = []
    for code in sorted(characters):
        if found and found[-1][1] == code - 1:
            found[-1][1] = code
        else:
            found.append([code, code])
    return [f"{first:04X}" if first == last else f"{first:04X}-{last:04X}" for first, last in found]


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    characters: set[int] = set()
    for name, bold, keep, joins in FONTS:
        for cut in ("400Regular", "700Bold") if bold else ("400Regular",):
            (file,) = (source / name / cut).glob("*.ttf")
            characters |= trim(file, target / file.name, keep, joins)
        shutil.copy(source / name / "LICENSE_FONT", target / f"OFL-{name}.txt")
    (target / "characters.txt").write_text("\n".join(ranges(characters)) + "\n", encoding="ascii")


if __name__ == "__main__":
    main()
