/* SPDX-License-Identifier: MIT */
#ifndef HE_NUMBER_H
#define HE_NUMBER_H
/* number.h - numbers of a command line. */
#include "command.h"

/* Reads decimal digits, from `least` to `most`. */
bool he_number_read(const char *word, long least, long most, long *value);

/* The same of a flag's argument. False: the command's user was told why. */
bool he_number_flag(const char *command, const struct he_flag *flag,
                    const char *word, long least, long most, long *value);

/* --timeout of each command: seconds, from 0.1 to 3600; `ms` gets
   milliseconds. False: as above. */
bool he_number_timeout(const char *command, const struct he_flag *flag,
                       const char *word, long *ms);

#endif
