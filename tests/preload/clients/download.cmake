# SPDX-License-Identifier: MIT
# cmake -D URL=... -D FILE=... -P download.cmake - file(DOWNLOAD), as in builds
# that fetch what they need.
file(DOWNLOAD "${URL}" "${FILE}" STATUS status TIMEOUT $ENV{HE_LIMIT}
  TLS_CAINFO "$ENV{HE_LAB_CA}" TLS_VERIFY ON)
list(GET status 0 number)
if(NOT number EQUAL 0)
  message(FATAL_ERROR "${status}")
endif()
