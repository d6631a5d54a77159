# SPDX-License-Identifier: MIT
# docs_test.sh - the manual is complete, and says what the header and curl-he's
# tables say. TAP. Run by make check: $top_srcdir and
# $top_builddir are set.
set -u
export LC_ALL=C
cd "$top_srcdir/docs" || exit 1
header=$top_srcdir/include/curl_he/curl_he.h
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
. "$top_srcdir/tests/is.sh"

# section PAGE NAME: a section's text, as it is written.
section() {
  awk -v name="$2" '/^\.SH/ { s = substr($0, 5); gsub("\"", "", s)
                              on = s == name; next }
                    on' "$1"
}

# code: the code between .nf and .fi, without troff's escapes.
code() {
  sed -n '/^\.nf/,/^\.fi/{/^\.[nf]/d;s/\\-/-/g;s/\\e/\\/g;p;}'
}

# made VARIABLE: what configure found.
made() {
  sed -n "s/^$1 = //p" "$top_builddir/Makefile"
}
cc="$(made CC) $(made CURL_CFLAGS) -I$top_srcdir/include"

# compiles WHAT NAME: does the file in $dir compile? Tells why not. The checks
# of typecheck.h only speak where code is made.
compiles() {
  # shellcheck disable=SC2086
  $cc -Wall -Werror -c -o "$dir/out" "$dir/$2.c" >"$dir/said" 2>&1 &&
    echo yes && return
  echo "no: $1"
  cat "$dir/said"
}

# The header without its comments: only names that the compiler knows.
bare=$(awk '{ while((a = index($0, "/*")) || inside) {
                b = index(inside ? $0 : substr($0, a + 2), "*/")
                if(!b) { if(!inside) printf "%s", substr($0, 1, a - 1)
                         inside = 1; $0 = ""; break }
                if(inside) $0 = substr($0, b + 2)
                else $0 = substr($0, 1, a - 1) substr($0, a + b + 3)
                inside = 0 }
              print }' "$header")
tables=$("$top_builddir/tests/docs/tables")
pages=$(printf '%s\n' *.3 *.5 | sort)
functions=$(sed -n '/^CURL_HE_EXTERN/{N;s/.*[ *]\(curl_he_[a-z_]*\)(.*/\1/p;}' \
  "$header" | sort)
names=$(printf '%s\n' "$bare" |
  sed -nE -e 's/^  (CURL_?HE[A-Z0-9]*_[A-Z0-9_]+).*/\1/p' \
    -e 's/^#define (CURL_HE_[A-Z0-9_]+) +[0-9]+L.*/\1/p' | sort)

is "the header was read" "yes" "$(
  [ "$(echo "$functions" | wc -l)" -ge 20 ] &&
  [ "$(echo "$names" | wc -l)" -ge 40 ] && echo yes)"

# -- complete --

is "each function has a page, and each page is a function's" "$functions" \
  "$(ls curl_he_*.3 | sed 's/\.3$//' | sort)"
is "the overview lists each function" "$functions" \
  "$(section libcurl-he.3 FUNCTIONS | grep '^\.IP' |
     grep -o 'curl_he_[a-z_]*' | sort -u)"
is "each page is installed" "$(printf '%s\n' $pages)" \
  "$(sed -n 's/.*docs\/\([^ ]*\.[35]\).*/\1/p' docs.mk | sort)"
is "each option, info, step and code is described, once" "$names" \
  "$(sed -nE 's/^\.IP "?(CURL_?HE[A-Z0-9_]+).*/\1/p' $pages | sort)"
# The environment's variables have names of this kind, too.
variables=$(sed -nE 's/.*getenv\("([A-Z_]+)"\).*/\1/p' \
  "$top_srcdir"/plugin/curl/*.c "$top_srcdir"/plugin/lookup/*.c \
  "$top_srcdir"/preload/*.c)
is "no page names what the header does not have" "" \
  "$(for name in $(grep -ohE 'CURL_?HE[A-Z0-9]*_[A-Z0-9_]+' \
       $pages | sort -u); do
       printf '%s\n' "$bare" | grep -qw "$name" ||
         { [ "$name" = CURL_HE_NO_TYPECHECK ] && grep -qw "$name" "$header"; } ||
         echo "$variables" | grep -qx "$name" ||
         echo "$name"
     done)"
is "no page refers to a page that is not there" "" \
  "$(for name in $(sed 's/\\-/-/g' $pages |
       grep -ohE '(curl_he_[a-z_]+|libcurl-he[a-z-]*)( ?\([35]\)|\([35]\)\\fP)' |
       sed -E 's/ *\((.)\).*/.\1/' | sort -u); do
       [ -f "$name" ] || echo "$name"
     done)"
echo '#include <curl/curl.h>' >"$dir/libcurl.c"
# shellcheck disable=SC2086
libcurls=$($cc -M "$dir/libcurl.c" | tr ' \\' '\n\n' | grep '/curl/')
is "no page names what libcurl does not have" "" \
  "$(for name in $(grep -ohE 'CURL(OPT|INFO|E|_SOCKOPT)_[A-Z0-9_]+' \
       $pages | sort -u); do
       grep -qw "$name" $libcurls || echo "$name"
     done)"

# -- true --

# rows KIND: the table's lines, without that word.
rows() {
  printf '%s\n' "$tables" | sed -n "s/^$1 //p"
}

is "the header has each option and each step of the tables, and no more" \
  "$(echo "$names" | grep -E '^(CURLHEOPT|CURL_HE_STEP)_')" \
  "$({ rows option; rows step; } | cut -d ' ' -f 1 | sort)"
is "each code has a sentence of its own" \
  "$(section libcurl-he-errors.3 DESCRIPTION |
     sed -nE 's/^\.IP "CURL_HE_[A-Z_]+ \(([0-9]+)\)"$/\1/p' | sed '$d')" \
  "$(rows error | sort -u -k 2 | grep -v 'Unknown error' |
     cut -d ' ' -f 1 | sort -n)"
is "types, ranges and defaults are those of the table of options" \
  "$(rows option | awk '$3 == "long" {
       unit = $5 != "-" ? " Unit: " $5 "." : ""
       print $1 ": Type: long. Range: " \
             ($8 == "zero" && $6 > 0 ? "0, " : "") $6 " to " $7 \
             ". Default: " $9 "." unit }')" \
  "$(section curl_he_setopt.3 OPTIONS |
     sed -nE '/^\.IP CURLHEOPT_/{N;s/^\.IP (.*)\n(Type: long\..*)/\1: \2/;s/ RFC.*//;/Type: long/p;}')"
is "the others have the types of the table" \
  "$(rows option | awk '$3 == "function" { print $1, "curl_he_trace_callback" }
                        $3 == "object" { print $1, "void *" }
                        $3 == "string" { print $1, "char *" }')" \
  "$(section curl_he_setopt.3 OPTIONS |
     sed -nE '/^\.IP CURLHEOPT_/{N;s/^\.IP (.*)\nType: ([^.]*)\..*/\1 \2/p;}' |
     grep -v ' long$')"
is "the header says the ranges, too" \
  "$(rows option | awk '$3 == "long" && NF == 10 { print $1, $6, $7 }')" \
  "$(sed -n '/^typedef enum {$/,/} CURLHEoption;/p' "$header" |
     awk '/\/\*/ { range = "" }
          match($0, /[0-9]+ \.\.\. [0-9]+/) {
            range = substr($0, RSTART, RLENGTH); sub(/ \.\.\. /, " ", range) }
          /^  CURLHEOPT_/ && range != "" { print $1, range }')"
is "options of a context only are said to be that" \
  "$(rows option | awk '$10 == "c" && $3 == "long" { print $1 }')" \
  "$(section curl_he_setopt.3 OPTIONS | awk '/^\.IP CURLHEOPT_/ { name = $2 }
       { text = text " " $0 } /^\.IP/ { text = "" }
       text ~ /Of a context *only/ { print name; text = "" }')"
is "and, in a file, to be for every host only" \
  "$(rows option | awk '$10 == "c" { print $4 }')" \
  "$(section libcurl-he-config.5 KEYS | sed 's/\\-/-/g' |
     awk '$1 == ".IP" { key = $2 } /For every host/ { print key }')"
is "keys, units and words of a file are those that are read" \
  "$(rows option | awk '$4 != "-" {
       kind = $5 == "ms" ? "milliseconds" : $5 == "s" ? "seconds" : "a number"
       if(NF > 10) {
         kind = $3 == "string" && !$7 ? "an absolute path" : ""
         for(i = 11; i <= NF; i++) kind = kind (kind == "" ? "" : " ") $i
       }
       print $4, $1, kind }')" \
  "$(section libcurl-he-config.5 KEYS | sed 's/\\-/-/g' |
     sed -nE '/^\.IP/{N;s/^\.IP ([^ ]*)\n([A-Z0-9_]*): ([^.]*)\..*/\1 \2 \3/;s/,//g;p;}')"
is "profiles are those of the table" \
  "$(echo "$names" | grep CURL_HE_PROFILE_ | grep -vc NONE) $(
     rows profile | sort)" \
  "$(rows profile | cut -d ' ' -f 1 | sort -u | wc -l) $(
     sed -nE -e 's/^\.SH "[A-Z0-9]+ \(CURL_HE_PROFILE_([A-Z0-9]+)\)"/\L\1/p' \
       -e 's/^\\fB(CURLHEOPT_[A-Z_]+)\\fP ([0-9]+)$/\1 \2/p' \
       libcurl-he-profiles.3 |
     awk 'NF == 1 { profile = $1 } NF == 2 { print profile, $0 }' | sort)"
is "each page says which version it is of" \
  "$(sed -n 's/^#define CURL_HE_VERSION "\(.*\)"/\1/p' "$header")" \
  "$(sed -nE 's/^\.TH .* "curl-he ([0-9][^"]*)".*/\1/p' $pages |
     sort -u)"
is "each page has one title, of its own name" "$(printf '%s\n' $pages)" \
  "$(sed -nE 's/^\.TH ([^ ]+) ([35]) .*/\1.\2/p' $pages | sort)"

# Values in pages are the compiler's, as in "CURL_HE_BAD_POINTER (1)".
{
  echo '#include <curl_he/curl_he.h>'
  sed -nE \
    's/^\.IP "(CURL_HE_[A-Z0-9_]+) \(([0-9]+)\)"$/_Static_assert(\1 == \2, "\1");/p' $pages
} >"$dir/values.c"
is "values are right, none is missing" \
  "$(echo "$names" | grep '^CURL_HE_' | grep -vc '^CURL_HE_STEP_') yes" \
  "$(grep -c _Static_assert "$dir/values.c") $(compiles values values)"

# Prototypes and types in pages agree with the header's.
for page in curl_he_*.3; do
  {
    echo '#define CURL_HE_NO_TYPECHECK'
    section "$page" SYNOPSIS | code
  } >"$dir/synopsis.c"
  is "$page: the synopsis compiles, and declares the function" \
    "yes 1" "$(compiles "$page" synopsis) $(
       grep -c "[ *]${page%.3}(" "$dir/synopsis.c")"
done
types() {
  tr '\n' ' ' | sed 's|/\*[^*]*\*/||g' | grep -oE \
    '(struct curl_he_[a-z_]+ \{[^}]*\};|typedef struct \{[^}]*\} curl_he[a-z_]*;|typedef (void|int) \(\*curl_he[^;]*;)' |
    tr -s ' ' | sort
}
in_header=$(printf '%s\n' "$bare" | types)
is "types are written as in the header" "11 $in_header" \
  "$(echo "$in_header" | wc -l) $(cat $pages | code | types)"

# An example is a program, or the inside of a function.
for page in curl_he_*.3 libcurl-he.3; do
  section "$page" EXAMPLE | code >"$dir/example"
  if grep -q '^#include' "$dir/example"; then
    cp "$dir/example" "$dir/example.c"
  else
    {
      echo '#include <curl_he/curl_he.h>'
      echo '#include <stdio.h>'
      echo 'int main(void) {'
      cat "$dir/example"
      echo 'return 0; }'
    } >"$dir/example.c"
  fi
  is "$page: the example compiles" "yes yes" \
    "$([ -s "$dir/example" ] && echo yes) $(compiles "$page" example)"
done

# The README's program, with what it says to ask afterwards put in its place.
awk '/^```c$/ { n++; on = 1; next } /^```$/ { on = 0 }
     on { print >(dir "/readme" n) }' dir="$dir" "$top_srcdir/README.md"
{
  echo '#include <stdio.h>'
  sed "/curl_easy_perform(easy)/r $dir/readme2" "$dir/readme1"
} >"$dir/readme.c"
is "README: the program compiles, and so does what looks at its race" "2 yes" \
  "$(grep -c 'curl_easy_perform\|CURLHEINFO_WINNER' "$dir/readme.c") $(
     compiles README readme)"
is "README: its links lead somewhere" "" \
  "$(cd "$top_srcdir" && for link in $(grep -hoE '\]\([^)]*\)' README.md \
       HACKING.md CHANGELOG.md ARCHITECTURE.md docs/COMPATIBILITY.md |
       tr -d '])(' | grep -v '^https:'); do
       [ -e "$link" ] || [ -e "docs/$link" ] || echo "$link"
     done)"

is "files that the documents name are there" "" \
  "$(cd "$top_srcdir" && grep -ohE '`[a-z_/]+\.(c|h|sh|test)`' ./*.md docs/*.md |
       tr -d '`' | grep -v '^include/curl/' | sort -u | while read -r name; do
         find run plugin preload tests examples bench include tools \( \
           -path "*/$name" -o -path "$name" \) -print -quit | grep -q . ||
           echo "$name"
       done)"

# "| `function()` | `room/file.c` |", as in the story of a connect, and
# "`file.c`, `function()`", as in the table of mechanisms.
pairs=$(cd "$top_srcdir" && grep -ohE \
  -e '\| (`[a-z_0-9]+\(\)`(, )?)+ \| `[a-z_/]+\.[ch]`' \
  -e '`[a-z_/]+\.[ch]`, `[a-z_0-9]+\(\)`' \
  -e '`[a-z_0-9]+\(\)` in `[a-z_/]+\.[ch]`' ./*.md |
  awk '{ file = ""; gsub(/[`,()|]| in /, " ")
         for(i = 1; i <= NF; i++) if($i ~ /\.[ch]$/) file = $i
         for(i = 1; i <= NF; i++) if($i !~ /\.[ch]$/) print file, $i }')
is "functions are in the files that the documents say" "yes" \
  "$([ "$(echo "$pairs" | wc -l)" -ge 50 ] && echo yes
     cd "$top_srcdir" && echo "$pairs" | while read -r file function; do
       find plugin -path "*/$file" -exec grep -lE \
         "^[a-zA-Z][^=;]*\\b$function\\(" {} + | grep -q . ||
         echo "$function is not in $file"
     done)"
is "functions of curl-he's that the documents name are there" "" \
  "$(cd "$top_srcdir" && grep -ohE '`(curl_)?he_[a-z_0-9]+\(\)`' ./*.md docs/*.md |
       tr -d '`()' | sort -u | while read -r function; do
         grep -rqw "$function" plugin include tools || echo "$function"
       done)"

# -- well formed --

if ! command -v groff >/dev/null; then
  n=$((n + 1))
  echo "ok $n - groff warns of nothing # SKIP there is no groff"
else
  is "groff warns of nothing" "" "$(groff -ww -man -Tutf8 -z $pages 2>&1)"
fi
is "no line of a page is longer than 79 columns" "" \
  "$(grep -nE '^.{80}' $pages | grep -v ':\.IP')"
for name in NAME SYNOPSIS DESCRIPTION EXAMPLE AVAILABILITY "RETURN VALUE" \
            "SEE ALSO"; do
  is "each function's page has $name" "" \
    "$(grep -LE "^\.SH \"?$name\"?$" curl_he_*.3)"
done
echo "1..$n"
