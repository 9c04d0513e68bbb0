/* SPDX-License-Identifier: MIT */
/* What the role in use may do with a store. In a file, everything. In a team's database a role may be one of
 * those that migrations/postgres/optional/roles.sql makes, or any other: what counts is what is granted. */
#ifndef WAKE_RIGHTS_H
#define WAKE_RIGHTS_H

#include "store/store.h"

enum wake_role {
	WAKE_ROLE_NONE,    /* may not even read */
	WAKE_ROLE_READER,  /* may read */
	WAKE_ROLE_MACHINE, /* may insert events, for others to fold */
	WAKE_ROLE_FOLDER,  /* may fold what others insert */
	WAKE_ROLE_FULL,    /* records */
};

struct wake_rights {
	enum wake_role role;
	char name[128];  /* of the database's role; "" in a file */
	bool lacks_own; /* … on a table that is no surrounding system's */
	char lacks[256]; /* what it lacks for recording, as "insert on workflow_events, …"; "" if nothing */
};

/* WAKE_UNAVAILABLE: the store does not answer. */
int wake_rights_read(
    struct wake_store *store, struct wake_rights *ret_rights, struct wake_error *err) WAKE_MUST_CHECK;

/* Were the roles of least privilege made for this store (optional/roles.sql)? Each migration that brings a table lacks
 * what they are to be granted on it. */
int wake_rights_have_roles(struct wake_store *store, bool *ret_have, struct wake_error *err) WAKE_MUST_CHECK;

const char *wake_role_name(enum wake_role role); /* static: "full", "folder", "machine", "reader", "none" */

#endif
