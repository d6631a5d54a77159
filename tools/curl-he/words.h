/* SPDX-License-Identifier: MIT */
#ifndef HE_WORDS_H
#define HE_WORDS_H
/* words.h - words that several commands print. */
#include <curl_he/curl_he.h>
#include <stddef.h>

/* A word for a CURL_HE_VERDICT_. Static. */
const char *he_verdict_word(long verdict);

/* "12 s", "3 min", "2 h", "5 days" */
void he_age_words(char *out, size_t size, curl_off_t ms);

#endif
