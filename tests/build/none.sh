# SPDX-License-Identifier: MIT
# none.sh - what scripts share that look at the tree. TAP. Read by bash.
n=0

# none WHAT: nothing on stdin, or each line is told.
none() {
  n=$((n + 1))
  found=$(cat)
  if [ -z "$found" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "$found" | sed 's/^/# /'
  fi
}
