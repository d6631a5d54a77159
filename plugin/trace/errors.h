/* SPDX-License-Identifier: MIT */
#ifndef HE_ERRORS_H
#define HE_ERRORS_H
/* errors.h - errors by their names, which are the same in every language and
 * on every machine. Pure. */

#define HE_ERROR_NAME 24

/* "ECONNREFUSED"; of one that no connect has: "errno 123". */
const char *he_error_name(int error, char buffer[HE_ERROR_NAME]);

/* "EAI_AGAIN"; else "EAI -123". */
const char *he_error_eai(int error, char buffer[HE_ERROR_NAME]);

#endif
