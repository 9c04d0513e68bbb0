/* SPDX-License-Identifier: MIT */
/* What was done to an agent's settings, so that it can be undone to the byte: STATE/agents/ID.json, one a
 *file. Of the settings themselves, which may hold secrets, it has nothing but checksums.
 *
 *	{"version":1,"file":"…","left":"sha256","original":"sha256","pieces":[{"at":12,"text":"…"}],
 *	 "made":{"directories":0,"file":false,"hooks":true,"events":["Stop"]}}
 */
#ifndef WAKE_AGENT_MANIFEST_H
#define WAKE_AGENT_MANIFEST_H

#include "agent/claude_settings.h"
#include "base/paths.h"
#include "base/sha256.h"

struct wake_agent_manifest {
	bool is_there;
	char left[WAKE_SHA256_SIZE];     /* of the settings as we left them; "": not known any more */
	char original[WAKE_SHA256_SIZE]; /* of what they were before */
	struct wake_text_change change;  /* owned: what lies between the two; it cuts nothing */
	struct wake_claude_made made;
	bool made_file;
	int64_t made_directories; /* of the file's path, from its end */
};

/* A missing one, and one that is not as we write it, is not there: then only our entries can be taken out. */
int wake_agent_manifest_read(const struct wake_paths *paths, const char *file,
    struct wake_agent_manifest *ret_manifest, struct wake_error *err) WAKE_MUST_CHECK;
int wake_agent_manifest_write(const struct wake_paths *paths, const char *file,
    const struct wake_agent_manifest *manifest, struct wake_error *err) WAKE_MUST_CHECK;
int wake_agent_manifest_remove(
    const struct wake_paths *paths, const char *file, struct wake_error *err) WAKE_MUST_CHECK;
void wake_agent_manifest_release(struct wake_agent_manifest *manifest);

/* The directory that they are in; made. Whoever changes settings locks it. owned: free(3). */
int wake_agent_manifest_directory(
    const struct wake_paths *paths, char **ret_directory, struct wake_error *err) WAKE_MUST_CHECK;

void wake_agent_manifest_sum(const char *text, size_t len, char ret_sum[WAKE_SHA256_SIZE]);

#define wake_auto_agent_manifest WAKE_CLEANUP(wake_agent_manifest_release)

#endif
