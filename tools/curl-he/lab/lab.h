/* SPDX-License-Identifier: MIT */
#ifndef HE_LAB_H
#define HE_LAB_H

/* An exit status of curl-he lab: there can be no laboratory here. */
#define HE_EXIT_NO_LAB 3

#endif
