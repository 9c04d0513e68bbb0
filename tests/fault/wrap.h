/* SPDX-License-Identifier: MIT */
/* Calls that fail on demand: the nth one from now on, or that and all later ones. A fault test is linked with
 * -Wl,--wrap for each of them (FAULT_WRAP in the Makefile), which reaches the calls of our own objects;
 * jansson's memory is asked for through the same counter after wrap_json. Typical use:
 *
 *	for (nth = 1; fired; nth++) {
 *		wrap_fail(WRAP_MEMORY, nth, 0);
 *		ret = what_is_tested(…);
 *		fired = wrap_stop();
 *		…what must hold whether it failed or not…
 *	}
 */
#ifndef WAKE_TEST_WRAP_H
#define WAKE_TEST_WRAP_H

#include <stdbool.h>

enum wrap_call {
	WRAP_MEMORY,	  /* malloc, calloc, realloc, strdup, and jansson's */
	WRAP_WRITE,	  /* write, pwrite fails */
	WRAP_SHORT_WRITE, /* it writes half of it, as on a disk that is full after that */
	WRAP_SYNC,	  /* fsync, fdatasync */
	WRAP_RENAME,
	WRAP_LINK,
	WRAP_UNLINK,	  /* unlink, unlinkat */
	WRAP_CALLS
};

void wrap_fail(enum wrap_call call, unsigned long nth, int error);	/* once; error: the errno */
void wrap_fail_on(enum wrap_call call, unsigned long nth, int error);	/* from the nth on, always */
bool wrap_stop(void);	/* everything works again; did a call fail since? */
void wrap_json(void);	/* before anything of jansson's is allocated */

const char *wrap_name(enum wrap_call call);

#endif
