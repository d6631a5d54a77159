/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_OUTSIDE_H
#define HE_LAB_OUTSIDE_H
/* outside.h - finds the program that makes laboratories, and runs this command
 * once more, inside of one. */

/* `argv` are all arguments of this command, its name first. Returns the exit
   status of what ran inside. Where no laboratory can be had it says what is
   missing and returns HE_EXIT_NO_LAB. */
int he_lab_outside(char **argv);

#endif
