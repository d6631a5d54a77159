/* SPDX-License-Identifier: MIT */
#ifndef LAB_RELAY_H
#define LAB_RELAY_H
/* relay.h - hands questions by UDP and TCP on to the laboratory's name server,
 * by UDP. dnsdist delays answers by UDP alone: behind this a question by TCP,
 * TLS or HTTPS is as late, or as lost, as one by UDP. */

#define LAB_RELAY_PORT 5301

/* Serves 127.0.0.1 for ever; returns an exit code where it cannot. */
int lab_relay(void);

#endif
