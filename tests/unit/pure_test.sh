#!/bin/sh
# SPDX-License-Identifier: MIT
# The pure rooms link without sockets, clocks and threads: every symbol that
# their library leaves undefined is in a short list. Reads .libs/libhe-pure.a
# below the current folder, or the archive given.
lib=${1:-.libs/libhe-pure.a}
allowed='
calloc free malloc realloc
memchr memcmp memcpy memmove memset
snprintf strchr strcmp strlen strncmp strrchr strtol strtoul
inet_ntop inet_pton
__assert_fail __stack_chk_fail
__memcpy_chk __memmove_chk __memset_chk __snprintf_chk __strcpy_chk
_GLOBAL_OFFSET_TABLE_
'

echo 1..2
# NM may be a command with options.
if ! symbols=$(${NM:-nm} -P "$lib" 2>/dev/null) || [ -z "$symbols" ]; then
  echo "Bail out! cannot read $lib"
  exit 1
fi
if echo "$symbols" | grep -Eq '^__(asan|tsan|ubsan|msan)_'; then
  echo "ok 1 # SKIP a sanitizer's own symbols are in the library"
  echo "ok 2 # SKIP a sanitizer's own symbols are in the library"
  exit 0
fi

undefined=$(echo "$symbols" | awk -v allowed="$allowed" '
  BEGIN { n = split(allowed, a); for(i = 1; i <= n; i++) ok[a[i]] = 1 }
  $2 ~ /^[TtDdBbRrCVW]$/ { ok[$1] = 1 }
  $2 == "U" { wanted[$1] = 1 }
  END { for(s in wanted) if(!(s in ok)) print s }')
[ -z "$undefined" ] || echo "not ok 1 - no socket, clock or thread is used"
[ -n "$undefined" ] || echo "ok 1 - no socket, clock or thread is used"
for s in $undefined; do
  echo "# undefined: $s"
done

# The check sees something: race and history are in there, and ask for memory.
if echo "$symbols" | grep -q '^he_race_handle T' &&
   echo "$symbols" | grep -q '^he_history_learn T' &&
   echo "$symbols" | grep -q '^calloc U'; then
  echo "ok 2 - the library is the one that was meant"
else
  echo "not ok 2 - the library is the one that was meant"
fi
