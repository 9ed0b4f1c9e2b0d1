#!/bin/sh
# Fetch the fonts of the paper copies, once, and trim them to the scripts that we print.
#
# Run from anywhere: sh static/vendor/print_fonts.sh
# Needs node, npm and python3 with venv. Nothing here runs when the product is installed or started.
#
# All are under the SIL Open Font License 1.1; each licence is put beside its font. The same releases of the
# tools write the same files again.
set -eu

ATKINSON=0.4.1
SANS=0.4.2
ARABIC=0.4.3
NASTALIQ=0.4.2
GURMUKHI=0.4.1
SYMBOLS=0.4.1
SYMBOLS2=0.4.1
EMOJI=0.4.7
FONTTOOLS=4.60.1

here=$(cd "$(dirname "$0")" && pwd)
fonts="$(cd "$here/../.." && pwd)/static/fonts-print"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  "@expo-google-fonts/atkinson-hyperlegible-next@$ATKINSON" \
  "@expo-google-fonts/noto-sans@$SANS" \
  "@expo-google-fonts/noto-sans-arabic@$ARABIC" \
  "@expo-google-fonts/noto-nastaliq-urdu@$NASTALIQ" \
  "@expo-google-fonts/noto-sans-gurmukhi@$GURMUKHI" \
  "@expo-google-fonts/noto-sans-symbols@$SYMBOLS" \
  "@expo-google-fonts/noto-sans-symbols-2@$SYMBOLS2" \
  "@expo-google-fonts/noto-emoji@$EMOJI"
python3 -m venv tools
tools/bin/pip install --quiet "fonttools==$FONTTOOLS"

mkdir -p "$fonts"
rm -f "$fonts"/*
tools/bin/python "$here/print_fonts.py" node_modules/@expo-google-fonts "$fonts"
