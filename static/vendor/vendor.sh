#!/bin/sh
# Fetch the outside parts that are served from this repository, once, and trim them.
#
# Run from anywhere: sh static/vendor/vendor.sh
# Needs node, npm and python3. Nothing here runs when the product is installed or started.
#
# - govuk-frontend (MIT): style sheet for the parts that we use, for both reading directions, and the script.
#   Its fonts, crown and crest are licensed for gov.uk alone, so they are left out.
#   The sheet sits in a cascade layer, so that ours wins without a fight over specificity.
# - Atkinson Hyperlegible Next, and Noto for Arabic, Urdu, Gurmukhi and Cyrillic (SIL OFL 1.1): variable fonts.
# - Tabler icons (MIT): outline drawings, put together with our own theme marks in one sprite.
# - axe-core (MPL-2.0): the accessibility checks that the browser tests run.
set -eu

GOVUK=6.3.0
ATKINSON=5.3.0
NOTO=5.3.0
TABLER=3.51.0
AXE=4.14.1

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cd "$work"
npm init --yes >/dev/null
npm install --silent --no-audit --no-fund \
  "govuk-frontend@$GOVUK" sass@1 rtlcss@4.3 \
  "@fontsource-variable/atkinson-hyperlegible-next@$ATKINSON" \
  "@fontsource-variable/noto-sans@$NOTO" "@fontsource-variable/noto-sans-arabic@$NOTO" \
  "@fontsource-variable/noto-nastaliq-urdu@$NOTO" "@fontsource-variable/noto-sans-gurmukhi@$NOTO" \
  "@tabler/icons@$TABLER" "axe-core@$AXE"

kit="$here/govuk"
mkdir -p "$kit"
npx sass --load-path=node_modules/govuk-frontend/dist/govuk --style=compressed --no-source-map --quiet "$here/kit.scss" kit.css
npx rtlcss kit.css kit.rtl.css
for way in "" .rtl; do
  { printf '/* govuk-frontend %s, MIT licence: see LICENSE.txt */\n@layer kit{' "$GOVUK"
    sed 's/^\xef\xbb\xbf//; s/@charset "UTF-8";//' "kit$way.css" | tr -d '\n'
    printf '}\n'; } > "$kit/govuk-frontend$way.min.css"
done
sed '/^\/\/# sourceMappingURL/d' node_modules/govuk-frontend/dist/govuk/govuk-frontend.min.js > "$kit/govuk-frontend.min.js"
if grep -q 'crown\|@font-face\|GDS Transport' "$kit"/*.css; then
  echo "The kit's fonts or crown are still in its style sheet" >&2
  exit 1
fi

fonts="$root/static/fonts"
mkdir -p "$fonts"
from=node_modules/@fontsource-variable/atkinson-hyperlegible-next
for file in latin-wght-normal latin-ext-wght-normal latin-wght-italic; do
  cp "$from/files/atkinson-hyperlegible-next-$file.woff2" "$fonts/"
done
cp "$from/LICENSE" "$fonts/OFL-atkinson-hyperlegible-next.txt"
for pair in noto-sans:cyrillic noto-sans-arabic:arabic noto-nastaliq-urdu:arabic noto-sans-gurmukhi:gurmukhi; do
  name=${pair%%:*}
  from=node_modules/@fontsource-variable/$name
  cp "$from/files/$name-${pair#*:}-wght-normal.woff2" "$fonts/"
  cp "$from/LICENSE" "$fonts/OFL-$name.txt"
done

python3 "$here/sprite.py" node_modules/@tabler/icons "$root/static/img"

mkdir -p "$root/tests/vendor"
cp node_modules/axe-core/axe.min.js "$root/tests/vendor/axe.min.js"
cp node_modules/axe-core/LICENSE "$root/tests/vendor/axe-LICENSE.txt"
chmod 644 "$root/tests/vendor/"* "$fonts"/* "$kit"/*
