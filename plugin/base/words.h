/* SPDX-License-Identifier: MIT */
#ifndef HE_WORDS_H
#define HE_WORDS_H
/* words.h - words for an errno. */
#include <stddef.h>

#define HE_WORDS 112

/* In `buffer`, or static; cut where they are longer. strerror() would keep
   them in a buffer that all threads share. */
const char *he_errno_words(int error, char buffer[HE_WORDS]);

#endif
