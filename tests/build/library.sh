# SPDX-License-Identifier: MIT
# library.sh - what the linker made keeps the promises of the design.
# TAP. Run by make check: $top_srcdir and $top_builddir are set.
lib=$(echo "$top_builddir"/.libs/libcurl-he.so.*.*.*)
n=0

# is NAME WANTED GOT
is() {
  n=$((n + 1))
  if [ "$2" = "$3" ]; then
    echo "ok $n - $1"
  else
    echo "not ok $n - $1"
    printf '%s\n' "wanted:" "$2" "got:" "$3" | sed 's/^/# /'
  fi
}

# dynamic TAG: the values of a tag of the dynamic section.
dynamic() {
  readelf -d "$lib" | sed -n "s/.*($1).*\[\(.*\)\]/\1/p"
}

declared=$(sed -n '/^CURL_HE_EXTERN/{N;s/.*[ *]\(curl_he_[a-z_]*\)(.*/\1/p;}' \
  "$top_srcdir/include/curl_he/curl_he.h" | sort)
exported=$(nm -D --defined-only "$lib" |
  awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)

is "exported is what the header declares, and nothing else" \
  "$declared" "$exported"
is "the header declares something" yes \
  "$([ "$(echo "$declared" | wc -l)" -gt 5 ] && echo yes)"
is "the name of the binary interface" libcurl-he.so.0 "$(dynamic SONAME)"
is "no libcurl is linked: the program's own is used" "" \
  "$(dynamic NEEDED | grep -i curl)"
is "no search path was left in" "" "$(dynamic 'R.*PATH')"
is "libcurl's functions are wanted without a version of one flavour" "" \
  "$(nm -D --undefined-only "$lib" | grep ' curl_.*@')"
# strerror() for one: its words are the last caller's, whichever thread that
# was.
is "no function is called that all threads share a buffer of" "" \
  "$(nm -D --undefined-only "$lib" | awk '{ sub(/@.*/, "", $2); print $2 }' |
     grep -xE 'strerror|strsignal|strtok|inet_ntoa|gethostby.*|getservby.*|(local|gm|c|asc)time|readdir|rand|random|tmpnam|hcreate|hsearch|setlocale|setenv|putenv')"
echo "1..$n"
