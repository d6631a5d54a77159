# SPDX-License-Identifier: MIT
"""foreign.py LIBCURL... -- URL... - libcurls by ctypes, one after the other in
one process. libcurl itself prints what it fetches. The exit status is the last
one's error."""
import ctypes
import os
import sys

URL, CAINFO, TIMEOUT = 10002, 10065, 13

between = sys.argv.index("--")
for name in sys.argv[1:between]:
    libcurl = ctypes.CDLL(name)
    libcurl.curl_easy_init.restype = ctypes.c_void_p
    libcurl.curl_easy_strerror.restype = ctypes.c_char_p
    easy = ctypes.c_void_p(libcurl.curl_easy_init())
    for url in sys.argv[between + 1:]:
        libcurl.curl_easy_setopt(easy, URL, ctypes.c_char_p(url.encode()))
        libcurl.curl_easy_setopt(
            easy, CAINFO, ctypes.c_char_p(os.environ["HE_LAB_CA"].encode()))
        libcurl.curl_easy_setopt(
            easy, TIMEOUT, ctypes.c_long(int(os.environ["HE_LIMIT"])))
        error = libcurl.curl_easy_perform(easy)
        if error:
            print(error, libcurl.curl_easy_strerror(error).decode(),
                  file=sys.stderr)
    libcurl.curl_easy_cleanup(easy)
sys.exit(error)
