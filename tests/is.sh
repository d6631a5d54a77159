# SPDX-License-Identifier: MIT
# is.sh - tests that compare texts, as TAP; n counts them. Read by bash.
n=0

# is NAME WANTED GOT
is() {
  n=$((n + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    diff <(printf '%s\n' "$2") <(printf '%s\n' "$3") | sed 's/^/# /'
  fi
}
