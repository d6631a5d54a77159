# SPDX-License-Identifier: MIT
# he-rest against look-alikes of its two APIs, inside the laboratory.
if HAVE_JANSSON
LAB_TESTS += tests/rest/rest_test.lab
endif
EXTRA_DIST += tests/rest/rest_test.lab \
  tests/lab/lookalikes.js tests/lab/lookalikes.conf \
  tests/lab/lookalikes-http.conf
