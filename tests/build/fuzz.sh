# SPDX-License-Identifier: MIT
# fuzz.sh - libFuzzer, for some seconds a target of tests/fuzz, finds nothing
# that breaks it. ./run fuzz looks for longer.
. "$top_srcdir/tests/build/other.sh"
. tools/fuzz.sh
if command -v clang >/dev/null; then
  jobs=1
  fuzz_build 2>&1 | sed 's/^/# /'
  result "${PIPESTATUS[0]}" "the targets build as fuzzers"
  for target in $(fuzz_names); do
    fuzz_one "$target" "${HE_FUZZ_SECONDS:-10}" 2>&1 | tail -n 40 |
      sed 's/^/# /'
    result "${PIPESTATUS[0]}" "$target holds"
  done
  echo "1..$n"
else
  echo "1..0 # SKIP no clang here"
fi
