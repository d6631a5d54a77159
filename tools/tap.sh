# SPDX-License-Identifier: MIT
# tap.sh - counts what automake's TAP driver wrote. Read by bash, or sh.

# tap_files DIR TEST...: the .trs files of the tests, without the suffixes
# that automake drops.
tap_files() {
  tap_dir=$1
  shift
  for tap_test in "$@"; do
    tap_test=${tap_test%.lab}
    tap_test=${tap_test%.test}
    echo "$tap_dir/${tap_test%.sh}.trs"
  done
}

# tap_count DIR TEST...: prints "PASSED FAILED SKIPPED". A test program that
# left no result, say because the run was broken off, counts as one failure.
tap_count() {
  tap_files "$@" | {
    passed=0 failed=0 skipped=0
    while read -r trs; do
      if ! grep -q '^:test-result:' "$trs" 2>/dev/null; then
        failed=$((failed + 1))
        continue
      fi
      while read -r key result _; do
        [ "$key" = :test-result: ] || continue
        case $result in
          PASS|XFAIL) passed=$((passed + 1)) ;;
          SKIP) skipped=$((skipped + 1)) ;;
          *) failed=$((failed + 1)) ;;
        esac
      done <"$trs"
    done
    echo "$passed $failed $skipped"
  }
}

# tap_failed DIR TEST...: those of the tests that failed, or left no result.
tap_failed() {
  tap_in=$1
  shift
  for tap_each in "$@"; do
    trs=$(tap_files "$tap_in" "$tap_each")
    if ! grep -q '^:test-result:' "$trs" 2>/dev/null ||
       grep -qE '^:test-result: *(FAIL|ERROR|XPASS)' "$trs"; then
      echo "$tap_each"
    fi
  done
}

# tap_lines PATTERN DIR TEST...: the result lines that match, as
# "FAIL: name number - description", each followed by its log's path.
tap_lines() {
  tap_pattern=$1
  shift
  tap_files "$@" | while read -r trs; do
    log=${trs%.trs}.log
    if ! grep -q '^:test-result:' "$trs" 2>/dev/null; then
      [ "$tap_pattern" = SKIP ] || echo "FAIL: ${trs%.trs}: left no result"
    elif grep -E "^($tap_pattern):" "$log"; then
      echo "  log: $log"
    fi
  done
}
