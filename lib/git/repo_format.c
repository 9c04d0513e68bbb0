/* SPDX-License-Identifier: MIT */
/* Which repository extensions are at work (gitrepository-layout(5)). git reads them from the one file
 * COMMON_DIR/config, without its includes; so do we, and libgit2 is only asked for objects that it can read.
 */
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "git/repo_inside.h"

#define CONFIG_MAX ((size_t)4 * 1024 * 1024) /* bytes */

/* These change what lies around the objects, not the objects. */
static const char *const harmless[] = { "noop", "worktreeconfig", "partialclone", "preciousobjects",
	"relativeworktrees" };

static bool is_word(const char *word, size_t len, const char *name)
{
	return strlen(name) == len && strncasecmp(word, name, len) == 0;
}

static const char *skip_space(const char *at)
{
	return at + strspn(at, " \t\r");
}

/* at: a key within [extensions]. */
static void take_extension(const char *at, struct wake_repo *repo)
{
	size_t len = strcspn(at, " \t\r\n=#;");
	const char *value = skip_space(at + len);

	for (size_t i = 0; i < WAKE_COUNT(harmless); i++) {
		if (is_word(at, len, harmless[i]))
			return;
	}
	value = *value == '=' ? skip_space(value + 1) : "";
	value += *value == '"';
	if (is_word(at, len, "objectformat") && is_word(value, strcspn(value, " \t\r\n\"#;"), "sha1"))
		return;
	repo->sha256 |=
	    is_word(at, len, "objectformat") && is_word(value, strcspn(value, " \t\r\n\"#;"), "sha256");
	repo->state = WAKE_LIBRARY_BEYOND;
}

/* Line by line: a value that goes on in the next line can at worst look like an extension that we do not
 * know. */
static void scan(const char *at, struct wake_repo *repo)
{
	static const char name[] = "extensions";
	bool inside = false;

	while (*at) {
		at = skip_space(at);
		if (*at == '[') {
			inside = strncasecmp(at + 1, name, sizeof(name) - 1) == 0 && at[sizeof(name)] == ']';
			at += strcspn(at, "]\n");
			at = skip_space(at + (*at == ']'));
		}
		if (inside && !strchr("\n#;", *at))
			take_extension(at, repo);
		at += strcspn(at, "\n");
		at += *at == '\n';
	}
}

int wake_repo_read_format(struct wake_repo *repo, struct wake_error *err)
{
	wake_auto_free char *path = NULL;
	wake_auto_free char *config = NULL;
	size_t len;
	int ret = wake_fs_join(repo->worktree.common_dir, "config", &path, err);

	if (ret < 0)
		return ret;
	ret = wake_fs_read(path, CONFIG_MAX, WAKE_FS_PLAIN, &config, &len, err);
	if (ret == WAKE_OK)
		scan(config, repo);
	return ret == WAKE_NOTFOUND ? WAKE_OK : ret; /* without one it is plain SHA-1 to git too */
}
