#!/bin/sh
# Makes the font files of this folder from their published packages. Needs npm, and fonttools (pip install fonttools).
# The app's text is Latin, Greek or Cyrillic; what else people may type falls back to a question mark.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

unpack() { # package@version, folder
    mkdir "$2"
    tar -xzf "$(npm pack --silent "$1")" -C "$2" --strip-components=1
}
unpack @expo-google-fonts/inter@0.4.2 inter
unpack @expo-google-fonts/jetbrains-mono@0.4.1 jbmono
unpack @phosphor-icons/web@2.1.2 phosphor

# Letters, punctuation, currency, arrows, operators, keyboard signs, shapes, ticks.
text=U+0020-007E,U+00A0-024F,U+0370-03FF,U+0400-045F,U+1E00-1EFF,U+2000-206F,U+20A0-20BF,U+2100-214F,U+2190-21FF,U+2200-2265,U+2300-23CF,U+25A0-25FF,U+2713-2717

subset() { # in, out, code points
    pyftsubset "$1" --output-file="$here/$2" --unicodes="$3" \
        --layout-features=kern,mark,mkmk --no-hinting --desubroutinize --name-IDs='*' --notdef-outline
}
subset inter/400Regular/Inter_400Regular.ttf Inter-Regular.ttf "$text"
subset inter/500Medium/Inter_500Medium.ttf Inter-Medium.ttf "$text"
subset inter/600SemiBold/Inter_600SemiBold.ttf Inter-SemiBold.ttf "$text"
subset jbmono/400Regular/JetBrainsMono_400Regular.ttf JetBrainsMono-Regular.ttf "$text"

icons=$(grep -v '^#' "$here/icons.txt" | cut -d' ' -f1 | sed 's/^/U+/' | paste -sd, -)
subset phosphor/src/regular/Phosphor.ttf Phosphor.ttf "$icons"
subset phosphor/src/fill/Phosphor-Fill.ttf Phosphor-Fill.ttf "$icons"

cp inter/LICENSE_FONT "$here/OFL-Inter.txt"
cp jbmono/LICENSE_FONT "$here/OFL-JetBrainsMono.txt"
cp phosphor/LICENSE "$here/LICENSE-Phosphor.txt"
