/* SPDX-License-Identifier: MIT */
/* A slot: the place of one hook in one hooks directory, and what lies there. */
#ifndef WAKE_WIRING_SLOT_H
#define WAKE_WIRING_SLOT_H

#include <stdbool.h>

#include "base/error.h"
#include "base/scope.h"

enum wake_slot_state {
	WAKE_SLOT_EMPTY,
	WAKE_SLOT_LINK,    /* our symbolic link */
	WAKE_SLOT_SHIM,    /* our shim as we wrote it */
	WAKE_SLOT_CHANGED, /* our shim, changed by somebody since */
	WAKE_SLOT_FOREIGN, /* somebody's hook, executable or not */
	WAKE_SLOT_ODD,     /* a directory or the like: no hook */
};

struct wake_slot {
	const char *name; /* static: "post-commit" */
	char *path;       /* owned */
	char *chained;    /* owned: where the hook lies that we hide */
	char *program;    /* owned: what our link or shim runs; else NULL */
	enum wake_slot_state state;
	bool has_chained;
};

/* name must outlive the slot. */
int wake_slot_look(const char *directory, const char *name, struct wake_slot *ret_slot,
    struct wake_error *err) WAKE_MUST_CHECK;
void wake_slot_release(struct wake_slot *slot);

static inline bool wake_slot_is_ours(const struct wake_slot *slot)
{
	return slot->state == WAKE_SLOT_LINK || slot->state == WAKE_SLOT_SHIM;
}

enum wake_slot_change {
	WAKE_SLOT_KEPT,     /* nothing to do */
	WAKE_SLOT_PUT,      /* ours is there now, and nothing was */
	WAKE_SLOT_CHAINED,  /* ours is there now, and runs what was */
	WAKE_SLOT_RENEWED,  /* ours was there, and points to this installation now */
	WAKE_SLOT_REMOVED,  /* empty again */
	WAKE_SLOT_RESTORED, /* what was there before is there again */
	WAKE_SLOT_LEFT,     /* not ours to touch; err says why */
};

/* Puts our hook there; program: its absolute path. There is a hook in the slot at every moment, the old one
 * or ours, where the file system has hard links. dry: says what it would do, and does nothing. */
int wake_slot_wire(const struct wake_slot *slot, const char *program, bool dry,
    enum wake_slot_change *ret_change, struct wake_error *err) WAKE_MUST_CHECK;

/* Takes ours away; what was there before comes back as it was: bytes, mode and times. */
int wake_slot_unwire(const struct wake_slot *slot, bool dry, enum wake_slot_change *ret_change,
    struct wake_error *err) WAKE_MUST_CHECK;

#define wake_auto_slot WAKE_CLEANUP(wake_slot_release)

#endif
