/* SPDX-License-Identifier: MIT */
/* What the diff of a worktree is made of. Paths in here are bytes, relative to the worktree's root.
 * Inner to the room. */
#ifndef WAKE_EDITS_INSIDE_H
#define WAKE_EDITS_INSIDE_H

#include "git/diffstat_inside.h"
#include "git/edits.h"

/* ---- a state, entry by entry ------------------------------------------------------------------ */
struct wake_edit {
	char *path;		/* owned */
	char *old_path;		/* owned; NULL unless renamed */
	char status;
	bool binary, counted;	/* counted: the numbers are known */
	int64_t added, removed;
	int64_t lines;		/* of the new side, were it text; only of files found now */
	unsigned old_mode, new_mode;
	char old_id[WAKE_HASH_SIZE], new_id[WAKE_HASH_SIZE];
	const char *kept;	/* static; NULL: not decided yet */
	char blob[WAKE_HASH_SIZE]; /* the old side's name in the repository; "": not there, or not known */
	bool fresh;		/* found now, not taken over from the state before */
	bool converted;		/* the worktree's line ends may not be the repository's */
};

struct wake_edit_list {
	struct wake_edit *items;
	size_t count, room;
};

/* ret_edit: borrowed, with path set; valid until the next one is added. */
int wake_edit_list_add(struct wake_edit_list *list, const char *path, const char *old_path, char status,
    struct wake_edit **ret_edit, struct wake_error *err) WAKE_MUST_CHECK;
/* By path; of one path the untracked file comes last: `git rm --cached` leaves both. */
void wake_edit_list_sort(struct wake_edit_list *list);
/* Of a sorted list: the first entry of that path; NULL. borrowed. */
struct wake_edit *wake_edit_list_find(const struct wake_edit_list *list, const char *path);
void wake_edit_list_release(struct wake_edit_list *list);

#define wake_auto_edit_list WAKE_CLEANUP(wake_edit_list_release)

int wake_edit_list_read(const json_t *files, struct wake_edit_list *ret_list, struct wake_error *err) WAKE_MUST_CHECK;
/* Appends one as an object to files. */
int wake_edit_write(const struct wake_edit *edit, json_t *files, struct wake_error *err) WAKE_MUST_CHECK;
/* The same file with the same numbers and contents? */
bool wake_edit_is_same(const struct wake_edit *left, const struct wake_edit *right);

/* One name for a state: all that wake_edit_is_same compares, and HEAD. */
int wake_edit_list_name(const struct wake_edit_list *list, const char *head, char ret_name[WAKE_HASH_SIZE],
    struct wake_error *err) WAKE_MUST_CHECK;

/* ---- sets of paths ---------------------------------------------------------------------------- */
struct wake_path_set {
	char **items;		/* owned */
	size_t count, room;
	bool unsorted;
};

int wake_path_set_add(struct wake_path_set *set, const char *path, size_t len, struct wake_error *err) WAKE_MUST_CHECK;
void wake_path_set_sort(struct wake_path_set *set);	/* and each path once */
bool wake_path_set_has(const struct wake_path_set *set, const char *path); /* of a sorted one */
/* Of a sorted one: the first item that is not before path. */
size_t wake_path_set_seek(const struct wake_path_set *set, const char *path);
void wake_path_set_release(struct wake_path_set *set);

#define wake_auto_path_set WAKE_CLEANUP(wake_path_set_release)

/* ---- what the repository says beside its files -------------------------------------------------- */
struct wake_staged {
	char *path;		/* owned */
	char status;		/* A M D T: the index against HEAD */
	unsigned mode;		/* in the index */
};

struct wake_edit_facts {
	bool plain;		/* nothing in settings or index is beyond the walk */
	bool converts_lines;	/* core.autocrlf */
	char *config;		/* owned: the settings that matter, as one text */
	char *config_key;	/* owned: the state of the files that they come from; "" : not to be trusted */
	char *rules_key;	/* owned: the state of the ignore and attribute files outside of the worktree */
	char *index_key;	/* owned: the index's identity, and HEAD */
	bool index_special;	/* conflicts, flags, or extensions that only git understands */
	struct wake_staged *staged; /* owned; by path */
	size_t staged_count, staged_room;
	char *attributes_file;	/* owned; core.attributesFile */
	bool attr_tree;
	char state[WAKE_HASH_SIZE]; /* the name of the state that was found with them */
};

/* From the cache where its keys fit, else from git. ret_old: what the cache held before (empty where it held
 * nothing). ret_known: the cache held something. */
int wake_edit_facts_read(struct wake_repo *repo, const char *cache, const char *head,
    struct wake_edit_facts *ret_facts, struct wake_edit_facts *ret_old, bool *ret_known, struct wake_error *err)
    WAKE_MUST_CHECK;
/* Into the cache; a failure is none: it is asked again. */
void wake_edit_facts_write(const struct wake_edit_facts *facts, const char *cache);
const struct wake_staged *wake_edit_facts_find(const struct wake_edit_facts *facts, const char *path);
void wake_edit_facts_release(struct wake_edit_facts *facts);

#define wake_auto_edit_facts WAKE_CLEANUP(wake_edit_facts_release)

/* The settings' half of the above. */
int wake_edit_facts_read_settings(struct wake_repo *repo, struct wake_edit_facts *facts,
    const struct wake_edit_facts *old, struct wake_error *err) WAKE_MUST_CHECK;

/* An index file's bytes: can the walk's picture of it (what differs from HEAD) be all there is? Everything that
 * is not understood counts as special. */
bool wake_index_is_special(const void *data, size_t len);

/* ---- files of the worktree ---------------------------------------------------------------------- */
enum wake_file_kind { WAKE_FILE_GONE, WAKE_FILE_REGULAR, WAKE_FILE_LINK, WAKE_FILE_DIRECTORY, WAKE_FILE_OTHER };

struct wake_file {
	enum wake_file_kind kind;
	unsigned mode;		/* as git has it: 0100644, 0100755, 0120000, 0 */
	size_t repository;	/* bytes of the path up to the first directory with a .git of its own; 0: none */
	size_t blocked;		/* GONE: bytes of the path up to a name that is there and no directory; else 0 */
	bool unreadable;
	uint64_t size;
	char *data;		/* owned; NULL: larger than what was to be held, or unreadable */
	char id[WAKE_HASH_SIZE]; /* "" if unreadable */
	int64_t lines;		/* of a text; a last line without a newline is one */
	bool binary;
	bool has_return;	/* a carriage return is in it, or "$Id" */
};

/* No symbolic link on the way is followed. look: kind and mode alone. */
int wake_file_look(int root, const char *path, struct wake_file *ret_file, struct wake_error *err) WAKE_MUST_CHECK;
/* hold_max: bytes up to which the content is held. A file that changes meanwhile is read once more.
 * WAKE_BUSY: it shrinks again and again. */
int wake_file_read(int root, const char *path, size_t hold_max, struct wake_file *ret_file, struct wake_error *err)
    WAKE_MUST_CHECK;
void wake_file_release(struct wake_file *file);

#define wake_auto_file WAKE_CLEANUP(wake_file_release)

/* ---- one diff ------------------------------------------------------------------------------------- */
struct wake_edits_work {
	struct wake_repo *repo;
	const struct wake_edits_request *request;
	struct wake_error *err;
	int root;		/* owned: the worktree's directory */
	char head[WAKE_HASH_SIZE];
	git_tree *tree;		/* owned; HEAD's; NULL: unborn, or beyond libgit2 */
	bool has_library;
	struct wake_edit_facts facts, old_facts; /* owned */
	struct wake_edit_list before;	/* owned; sorted */
	struct wake_edit_list files;	/* owned; the state as it comes to be */
	struct wake_path_set paths;	/* owned: what is to be looked at again */
	struct wake_path_set for_git;	/* owned: what only git can tell of */
	bool whole, asked_git, asked_walk;
	void *attributes;	/* owned: a tree (tsearch(3)) of what was read of attributes files */
	bool keep_anew;		/* the kept trees are not there any more, or there were none */
	int64_t kept_bytes;
};

/* What HEAD has at a path. mode 0: nothing; above: a name on the way is a file or a submodule there (its length in
 * bytes, else 0). Only where the library is open. */
struct wake_head_entry {
	unsigned mode;
	char id[WAKE_HASH_SIZE];
	size_t above;
};
int wake_edits_in_head(struct wake_edits_work *work, const char *path, struct wake_head_entry *ret_entry)
    WAKE_MUST_CHECK;

/* Fills work->paths, or sets work->whole. known: the old facts are those of the state before. */
int wake_edits_find_paths(struct wake_edits_work *work, bool known) WAKE_MUST_CHECK;

/* The two engines; each adds to work->files. The walk leaves in work->for_git what it is not sure of. */
int wake_edits_by_walk(struct wake_edits_work *work) WAKE_MUST_CHECK;
/* paths NULL: everything. untracked: also those. */
int wake_edits_by_git(struct wake_edits_work *work, const struct wake_path_set *paths, bool untracked) WAKE_MUST_CHECK;
#define WAKE_EDITS_PATHS_MAX 2000		    /* more are not named to git one by one */
#define WAKE_EDITS_PATH_BYTES_MAX ((size_t)100 * 1024) /* nor longer ones */

/* Which of these are ignored: those are taken out of the set. They are neither in HEAD nor in the index. */
int wake_edits_drop_ignored(struct wake_edits_work *work, struct wake_path_set *paths) WAKE_MUST_CHECK;

/* How much attributes can change of how git sees this file. */
enum wake_attributes { WAKE_ATTRIBUTES_NONE, WAKE_ATTRIBUTES_LINES, WAKE_ATTRIBUTES_ALL };
int wake_edits_attributes(struct wake_edits_work *work, const char *path, enum wake_attributes *ret_attributes)
    WAKE_MUST_CHECK;
void wake_edits_attributes_release(struct wake_edits_work *work);
/* Of an attributes file's text: what may it say of a file of that name? */
enum wake_attributes wake_attributes_scan(const char *text, size_t len, const char *name);

/* Numbers, ids and contents of what was found now. What turns out to be no difference goes; what only git can tell of
 * goes into work->for_git. */
int wake_edits_fill(struct wake_edits_work *work) WAKE_MUST_CHECK;

/* Are the contents of an entry kept? Writes them if so; sets edit->kept. old_size and new_size: bytes. */
int wake_edits_keep(struct wake_edits_work *work, struct wake_edit *edit, const struct wake_side *old_side,
    const struct wake_side *new_side) WAKE_MUST_CHECK;
/* May this path's contents be kept at all? ret_word: NULL, or static: the word that says why not. */
int wake_edits_refuse(const struct wake_edits_request *request, const struct wake_edit *edit, const char **ret_word,
    struct wake_error *err) WAKE_MUST_CHECK;

/* The trees of what is kept. */
int wake_edits_keep_trees(struct wake_edits_work *work, char ret_old[WAKE_HASH_SIZE], char ret_new[WAKE_HASH_SIZE])
    WAKE_MUST_CHECK;

/* Puts attributes' word on what is binary upon the untracked files that were found now. */
int wake_edits_ask_attributes(struct wake_edits_work *work) WAKE_MUST_CHECK;

/* Appends the entries of `before` that were thrown away. */
int wake_edits_find_discarded(struct wake_edits_work *work, json_t *discarded) WAKE_MUST_CHECK;

/* The old side's content as the repository has it; WAKE_NOTFOUND: it is not here. */
int wake_edits_read_old(struct wake_edits_work *work, const struct wake_edit *edit, struct wake_object *ret_object)
    WAKE_MUST_CHECK;

/* SHA-1 of a blob with that content. */
void wake_content_id(const void *data, size_t len, char ret_id[WAKE_HASH_SIZE]);

#endif
