#!/bin/sh
# How bundling compares with `tar | gzip -9`: ratio.sh DIST [ROUNDS]
#
# Both run in alternation, so that whatever else the machine does hits both; each round gives one ratio, and the median
# of the ratios is printed. Ours does all of it: read, hash, check, pack, flush to the disk. Needs GNU time, tar, gzip.
set -eu

dist=${1:?usage: ratio.sh DIST [ROUNDS]}
rounds=${2:-7}
here=$(cd "$(dirname "$0")/.." && pwd)
target=${CARGO_TARGET_DIR:-$here/../../target}

(cd "$here" && cargo build --quiet --release --package ota-bundle --example bundle)
bundle=$target/release/examples/bundle

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export LC_ALL=C

# Wall seconds, then user and system seconds, then the peak of memory in kilobytes.
measure() {
    /usr/bin/time --output="$scratch/time" --format='%e %U %S %M' "$@" >"$scratch/said"
    cat "$scratch/time"
}

# Both read from the page cache.
tar cf - -C "$dist" . >/dev/null
"$bundle" "$dist" "$scratch/ours.tar.gz" >/dev/null

round=0
while [ "$round" -lt "$rounds" ]; do
    ours=$(measure "$bundle" "$dist" "$scratch/ours.tar.gz")
    theirs=$(measure sh -c 'tar cf - -C "$1" . | gzip -9 >"$2"' sh "$dist" "$scratch/theirs.tar.gz")
    echo "$ours $theirs" >>"$scratch/rounds"
    round=$((round + 1))
done

gzip -t "$scratch/ours.tar.gz"
ours_size=$(wc -c <"$scratch/ours.tar.gz")
theirs_size=$(wc -c <"$scratch/theirs.tar.gz")

echo "wall ours · wall theirs · ratio · processor ratio"
awk '{ printf "%.2f s · %.2f s · %.3f · %.3f\n", $1, $5, $1 / $5, ($2 + $3) / ($6 + $7) }' "$scratch/rounds"
median() { sort -n | awk '{ v[NR] = $1 } END { print (NR % 2) ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
printf 'median of the wall ratios: %s (at most 0.35)\n' "$(awk '{ print $1 / $5 }' "$scratch/rounds" | median)"
printf 'median of the processor ratios: %s\n' "$(awk '{ print ($2 + $3) / ($6 + $7) }' "$scratch/rounds" | median)"
awk -v ours="$ours_size" -v theirs="$theirs_size" \
    'BEGIN { printf "size: %d of %d bytes, ratio %.4f (at most 1.005)\n", ours, theirs, ours / theirs }'
awk '{ if ($4 > most) most = $4 } END { printf "peak memory: %.1f MB (at most 64)\n", most / 1000 }' "$scratch/rounds"
echo "cores: $(nproc)"
