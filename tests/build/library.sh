# SPDX-License-Identifier: MIT
# library.sh - what the linker made keeps the promises of the design.
# TAP. Run by make check: $top_srcdir and $top_builddir are set.
lib=$(echo "$top_builddir"/.libs/libcurl-he.so.*.*.*)
. "$top_srcdir/tests/is.sh"

# dynamic TAG: the values of a tag of the dynamic section.
dynamic() {
  readelf -d "$lib" | sed -n "s/.*($1).*\[\(.*\)\]/\1/p"
}

# functions HEADER: what it declares.
functions() {
  sed -n '/^CURL_HE_EXTERN/{N;s/.*[ *]\(curl_he_[a-z_]*\)(.*/\1/p;}' "$1"
}

# made VARIABLE: what configure found.
made() {
  sed -n "s/^$1 = //p" "$top_builddir/Makefile"
}

interposed="curl_easy_cleanup curl_easy_duphandle curl_easy_init
curl_easy_reset curl_easy_setopt curl_multi_add_handle curl_multi_cleanup
curl_multi_remove_handle"
case $(made HE_CFLAGS) in
  *HE_DISABLE_INTERPOSE*) interposed= ;;
esac
lookup=getaddrinfo
[ "$(made HE_LOOKUP_FOUND)" = yes ] || lookup=
declared=$({
  for header in curl_he wrap; do
    functions "$top_srcdir/include/curl_he/$header.h"
  done
  printf '%s\n' $interposed $lookup curl_he_engine_0
} | sed '/^$/d' | sort)
exported=$(nm -D --defined-only "$lib" |
  awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' | sort)

is "exported is what the headers declare, eight of libcurl's, getaddrinfo, the engine and nothing else" \
  "$declared" "$exported"
# A reference to a version of libcurl's is satisfied by what has none.
is "libcurl's names have no version, all others have" \
  "$(printf '%s\n' $interposed $lookup)" \
  "$(nm -D --defined-only "$lib" | awk '$2 != "A" && $3 !~ /@/ { print $3 }' |
     sort)"
is "the archive defines none of libcurl's names" "" \
  "$(nm --defined-only "$top_builddir/.libs/libcurl-he.a" 2>/dev/null |
     awk '$3 ~ /^curl_|^getaddrinfo$/ && $3 !~ /^curl_he_/ { print $3 }')"
is "the header declares something" yes \
  "$([ "$(echo "$declared" | wc -l)" -gt 5 ] && echo yes)"
is "the name of the binary interface" libcurl-he.so.0 "$(dynamic SONAME)"
is "no libcurl is linked: the program's own is used" "" \
  "$(dynamic NEEDED | grep -i curl)"
is "no search path was left in" "" "$(dynamic 'R.*PATH')"
is "no function of libcurl's is asked of the loader: it is looked up" "" \
  "$(nm -D --undefined-only "$lib" | grep ' curl_')"
# strerror() for one: its words are the last caller's, whichever thread that
# was.
is "no function is called that all threads share a buffer of" "" \
  "$(nm -D --undefined-only "$lib" | awk '{ sub(/@.*/, "", $2); print $2 }' |
     grep -xE 'strerror|strsignal|strtok|inet_ntoa|gethostby.*|getservby.*|(local|gm|c|asc)time|readdir|rand|random|tmpnam|hcreate|hsearch|setlocale|setenv|putenv')"

# -- programs that link it --

dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
curl_libs=$(made CURL_LIBS)
# where libcurl is, if not in the usual place
curl_dirs=$(printf '%s\n' $curl_libs | grep -v '^-lcurl$')
cc="$(made CC) $(made CFLAGS) -Wall -Werror -I$top_srcdir/include \
  $(made CURL_CFLAGS)"
he="-L$top_builddir/.libs -Wl,-rpath,$top_builddir/.libs"
yes=1
[ -n "$interposed" ] || yes=0

language=c
source=linked.c
# says ARGUMENT...: what the source says when it is built so.
says() {
  # shellcheck disable=SC2086
  $cc -o "$dir/program" -x "$language" "$top_srcdir/tests/build/$source" \
    -x none $he $curl_dirs "$@" >"$dir/said" 2>&1 || { cat "$dir/said"; return; }
  "$dir/program" 2>&1 || echo "exit code $?"
}

# needs_libcurl: does the program that was built last?
needs_libcurl() {
  readelf -d "$dir/program" | grep -c 'NEEDED.*\[libcurl[.-][^h]'
}

if PKG_CONFIG_PATH=$top_builddir:${PKG_CONFIG_PATH-} \
     pkg-config --libs curl-he >"$dir/libs" 2>"$dir/said"; then
  # its -L is of where it will be installed
  libs=$(tr ' ' '\n' <"$dir/libs" | grep -v '^-L' | tr '\n' ' ')
  is "linked as pkg-config says, handles are known" \
    "known $yes, interposes $yes, result 7, libcurl" "$(says -DMORE $libs)"
  is "with --as-needed, too" \
    "known $yes, interposes $yes, result 7, libcurl 1" \
    "$(says -Wl,--as-needed $libs) $(needs_libcurl)"
else
  sed 's/^/# /' "$dir/said"
  is "pkg-config knows curl-he" yes no
fi
is "where the linker has dropped libcurl, it is loaded" \
  "known $yes, interposes $yes, result 7, libcurl" \
  "$(says -Wl,--as-needed -lcurl-he -lcurl)"
is "libcurl first: handles are unknown, all else works" \
  "known 0, interposes 0, result 7, libcurl" \
  "$(says -DMORE -Wl,--no-as-needed -lcurl -lcurl-he)"
if [ -n "$(made HAVE_CURL_GNUTLS_TRUE)" ]; then
  n=$((n + 1))
  echo "ok $n - with the other libcurl # SKIP there is none"
else
  # shellcheck disable=SC2086
  is "with the other libcurl" \
    "known $yes, interposes $yes, result 7, libcurl libcurl-gnutls.so.4" \
    "$(says -DMORE -lcurl-he $(made CURL_GNUTLS_LIBS)) $(
       LD_DEBUG=files "$dir/program" 2>&1 |
         grep -o 'calling init:.*/libcurl[.-][^h/][^/]*$' | sed 's|.*/||' | sort -u)"
fi
# What Libs.private of curl-he.pc says.
archive_libs="$(made CARES_LIBS) $(made OPENSSL_LIBS) $(made RESOLV_LIBS)"
is "by wrap.h, from the archive, in C" \
  "known 1, interposes 0, result 7, libcurl" \
  "$(says -DMORE -DWRAPPED "$top_builddir/.libs/libcurl-he.a" $curl_libs \
       $archive_libs -pthread)"
if ! echo 'class a {};' | $(made CC) -x c++ -fsyntax-only - 2>/dev/null; then
  n=$((n + 1))
  echo "ok $n - in C++ # SKIP there is no compiler for it"
else
  is "in C++" "known 1, interposes 0, result 7, libcurl" \
    "$(language=c++
       says -DMORE -DWRAPPED "$top_builddir/.libs/libcurl-he.a" $curl_libs \
         $archive_libs -pthread)"
fi
# complaints HEADER: about a wrong argument, in what includes it.
complaints() {
  printf '%s\n' '#include <curl/curl.h>' "#include <$1>" \
    'int main(void) {' \
    'curl_easy_setopt(curl_easy_init(), CURLOPT_TIMEOUT, "x"); return 0; }' \
    >"$dir/wrong.c"
  # shellcheck disable=SC2086
  $cc -O2 -Wsystem-headers -Wno-error -c -o "$dir/wrong.o" "$dir/wrong.c" 2>&1 |
    grep -c 'expects a long argument'
}
# libcurl's header has clang check nothing
case $($(made CC) --version) in
  *clang*) checks=$(complaints curl/curl.h) ;;
  *) checks=1 ;;
esac
is "wrap.h keeps libcurl's type checks" "$checks" "$(complaints curl_he/wrap.h)"
is "in scopes of their own, libcurl is found" "known 0" "$(
  # shellcheck disable=SC2086
  $cc -o "$dir/program" "$top_srcdir/tests/build/loaded.c" -ldl 2>&1 &&
  LD_LIBRARY_PATH=$(printf '%s\n' $curl_dirs | sed -n 's/^-L//p;q') \
    "$dir/program" libcurl.so.4 "$lib" 2>&1)"

# -- a getaddrinfo() that is not the C library's --

# curl-he asks it by itself for races beside libcurl's connects alone.
if [[ " $(made HE_WITHOUT) " == *" beside "* ]]; then
  n=$((n + 1))
  echo "ok $n - a getaddrinfo() of others # SKIP built without beside"
else
  source=asked.c
  is "a program's own getaddrinfo() is asked" "asked 1, result 6" \
    "$(says -Wl,--no-as-needed -lcurl -lcurl-he)"
  is "from the archive, too" "asked 1, result 6" \
    "$(says "$top_builddir/.libs/libcurl-he.a" $curl_libs $archive_libs -pthread)"
  # shellcheck disable=SC2086
  $cc -shared -fPIC -DLIBRARY -o "$dir/libasked.so" \
    "$top_srcdir/tests/build/asked.c" >"$dir/said" 2>&1 || cat "$dir/said"
  is "that of a library before curl-he" "asked 1, result 6" \
    "$(says -DELSEWHERE -Wl,--no-as-needed -L"$dir" -Wl,-rpath,"$dir" \
         -lcurl -lasked -lcurl-he)"
  is "that of a library behind curl-he" "asked 1, result 6" \
    "$(says -DELSEWHERE -Wl,--no-as-needed -L"$dir" -Wl,-rpath,"$dir" \
         -lcurl -lcurl-he -lasked)"
fi
echo "1..$n"
