#!/usr/bin/env bash
# Runs the compiled tests: tools/test.sh [unit] [device]. Device tests start whole systems and run one after another.
# Ends with the line "N passed, N failed" over all of them, counted from the results.
set -euo pipefail
cd "$(dirname "$0")/.."
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
failed=0

run() {
  local kind=$1 jobs=$2
  shift 2
  if [ $# -eq 0 ]; then echo "no $kind tests were found: run make build" >&2; exit 1; fi
  echo "== $kind tests: $# files" >&2
  # One line a test, and everything about those that fail.
  npx --no-install tap run --jobs="$jobs" --reporter=tap "$@" 2>"$results/$kind.errors" | tee "$results/$kind.tap" \
    | awk '/^(    )?(not )?ok / { print; } / *not ok / { told = 1 } told { if (!/^(    )?not ok /) print } /^ *\.\.\.$/ { told = 0 }' || failed=1
  [ -s "$results/$kind.tap" ] || { cat "$results/$kind.errors" >&2; failed=1; }
}

# A compiled test whose source is gone is no test.
tests() {
  find "$@" -name '*.test.js' | sort | while read -r file; do
    source=${file#dist/}
    if [ -f "${source%.js}.ts" ]; then echo "$file"; fi
  done
}

for kind in "${@:-unit}"; do
  case "$kind" in
    unit) mapfile -t files < <(tests dist -not -path 'dist/test/*') && run unit 2 "${files[@]}" ;;
    device) mapfile -t files < <(tests dist/test) && run device 1 "${files[@]}" ;;
    *) echo "there are unit and device tests, not $kind" >&2; exit 2 ;;
  esac
done
node dist/tools/countResults.js "$results"/*.tap || failed=1
exit "$failed"
