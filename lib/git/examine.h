/* SPDX-License-Identifier: MIT */
/* What the objects say of a movement: the data of an `examined` event. Done once a movement, by the
 * recorder; the store decides from it without opening the repository again. */
#ifndef WAKE_EXAMINE_H
#define WAKE_EXAMINE_H

#include "base/json.h"
#include "event/event.h"
#include "git/repo.h"

/* moved: a moved event of this repository. Fills, as an object:
 *   movement, repository_id,
 *   missing (true: the commit is not here (any more); then nothing more),
 *   committer_is_line, same_committer (bool), lag (seconds), graph (made.h),
 *   known_earlier, known_remote (bool; looked for only when rules 2–4 could say made and the line is not a
 *     `commit…` line that satisfies rule 2),
 *   commit: {hash, tree, parents:[…], author_name, author_email, authored_at, committer_name,
 *     committer_email, committed_at (RFC 3339 UTC), subject, patch_id, files (diffstat.h;
 *     against the first parent, or the empty tree), added_lines, removed_lines, files_changed, engine}
 * The diff and the patch-id are taken only if made.h's rules say made: a brought-in commit's are absent (no
 * "files" member), and so are they where the other side is not here (a shallow or partial clone).
 * Nothing to examine (new = 0): only movement, repository_id, missing = true. owned: json_decref. */
int wake_examine(struct wake_repo *repo, const struct wake_event *moved, json_t **ret_data,
    struct wake_error *err) WAKE_MUST_CHECK;

#endif
