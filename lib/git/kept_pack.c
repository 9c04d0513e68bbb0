/* SPDX-License-Identifier: MIT */
/* Many objects as one pack. The library makes it in memory; git writes it and its index, since the library
 * writes packs through a mapping, and a disk that is full would kill the process. */
#include <dirent.h>
#include <fcntl.h>
#include <git2/sys/repository.h>
#include <limits.h>
#include <string.h>
#include <sys/file.h>

#include "base/fs.h"
#include "git/kept_inside.h"

static void free_config(git_config **config)
{
	git_config_free(*config);
}

static void free_packbuilder(git_packbuilder **builder)
{
	git_packbuilder_free(*builder);
}

/* The pack builder asks for settings: it gets none instead of the user's. */
static int set_no_settings(git_repository *library)
{
	WAKE_CLEANUP(free_config) git_config *none = NULL;
	int code = git_config_new(&none);

	return code < 0 ? code : git_repository_set_config(library, none);
}

static int build(struct wake_kept *kept, git_buf *pack, struct wake_error *err)
{
	WAKE_CLEANUP(free_packbuilder) git_packbuilder *builder = NULL;
	int code = set_no_settings(kept->repo->library);

	if (code == 0)
		code = git_packbuilder_new(&builder, kept->repo->library);
	for (size_t i = 0; i < kept->waiting_count && code == 0; i++)
		code = git_packbuilder_insert(builder, &kept->waiting_ids[i], NULL);
	if (code == 0)
		code = git_packbuilder_write_buf(pack, builder);
	return code < 0 ? wake_kept_fail(err, code, "a pack") : WAKE_OK;
}

int wake_kept_lock_packs(const char *dir, int *ret_fd, struct wake_error *err)
{
	wake_auto_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int status;

	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", dir);
	do
		status = flock(fd, LOCK_EX);
	while (status < 0 && errno == EINTR);
	if (status < 0)
		return wake_fail_errno(err, "lock '%s'", dir);
	*ret_fd = fd;
	fd = -1; /* the caller's now */
	return WAKE_OK;
}

/* "pack-HASH.idx" without its pack: we were killed while packs went. */
static bool is_index_alone(int packs, const char *name)
{
	size_t len = strlen(name);
	char pack[NAME_MAX + sizeof("pack")];

	if (len < 4 || len > NAME_MAX || strcmp(name + len - 4, ".idx") != 0)
		return false;
	(void)snprintf(pack, sizeof(pack), "%.*spack", (int)len - 3, name);
	return faccessat(packs, pack, F_OK, 0) < 0 && errno == ENOENT;
}

/* Also what a killed git left. What cannot be removed is in nobody's way. */
static void remove_leftovers(const char *dir, int packs)
{
	wake_auto_closedir DIR *stream = opendir(dir);
	const struct dirent *entry;

	while (stream && (entry = readdir(stream))) {
		if (strncmp(entry->d_name, "tmp_", 4) == 0 || is_index_alone(packs, entry->d_name))
			(void)unlinkat(packs, entry->d_name, 0);
	}
}

/* git says "pack\tHASH\n". */
static int write_files(
    struct wake_kept *kept, const git_buf *pack, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	static const char *const args[] = { "-c", "pack.writeReverseIndex=false", "index-pack", "--stdin",
		"--threads=1", NULL };
	static const char word[] = "pack\t";
	wake_auto_process struct wake_process_result said = { 0 };
	const char *text;
	int ret =
	    wake_repo_git(kept->repo, args, pack->ptr, pack->size, WAKE_HASH_SIZE + sizeof(word), &said, err);

	if (ret < 0)
		return ret;
	if (said.exit_code != 0) {
		(void)wake_fail_git(err, &said, "keep many files");
		return err->code = WAKE_SYSTEM;
	}
	text = wake_str_text(&said.output);
	if (strncmp(text, word, strlen(word)) == 0)
		(void)snprintf(ret_hash, WAKE_HASH_SIZE, "%.40s", text + strlen(word));
	if (!wake_hash_is_valid(ret_hash))
		return wake_fail(err, WAKE_SYSTEM, "git does not say which pack it wrote, but '%.60s'", text);
	return WAKE_OK;
}

static int flush_file(int packs, const char *hash, const char *suffix, struct wake_error *err)
{
	wake_auto_free char *name = NULL;
	wake_auto_close int fd = -1;
	int ret = wake_str_format(&name, err, "pack-%s.%s", hash, suffix);

	if (ret < 0)
		return ret;
	fd = openat(packs, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return wake_fail_errno(err, "open '%s'", name);
	return fdatasync(fd) < 0 ? wake_fail_errno(err, "write out '%s'", name) : WAKE_OK;
}

int wake_kept_flush_pack(int packs, const char *hash, struct wake_error *err)
{
	int ret = flush_file(packs, hash, "pack", err);

	if (ret == WAKE_OK)
		ret = flush_file(packs, hash, "idx", err);
	if (ret == WAKE_OK && fsync(packs) < 0)
		ret = wake_fail_errno(err, "write out the names of packs");
	return ret;
}

#define HOW_MAX 4 /* options */

/* git says "HASH\n". */
int wake_kept_pack_objects(struct wake_kept *kept, const char *dir, const char *const *how,
    const struct wake_str *input, char ret_hash[WAKE_HASH_SIZE], struct wake_error *err)
{
	static const char *const always[] = { "-c", "pack.writeReverseIndex=false", "-c",
		"pack.packSizeLimit=0", "pack-objects", "--quiet", "--threads=1", "--window=0" };
	const char *args[WAKE_COUNT(always) + HOW_MAX + 2] = { NULL };
	wake_auto_process struct wake_process_result said = { 0 };
	wake_auto_free char *base = NULL;
	size_t count = WAKE_COUNT(always);
	int ret = wake_fs_join(dir, "pack", &base, err);

	if (ret < 0)
		return ret;
	memcpy(args, always, sizeof(always));
	for (size_t i = 0; how[i] && i < HOW_MAX; i++)
		args[count++] = how[i];
	args[count] = base;
	ret = wake_repo_git(kept->repo, args, input->data, input->len, WAKE_HASH_SIZE, &said, err);
	if (ret == WAKE_OK && said.exit_code != 0)
		ret = wake_fail_git(err, &said, "pack kept contents");
	if (ret < 0)
		return ret;
	(void)snprintf(ret_hash, WAKE_HASH_SIZE, "%.40s", wake_str_text(&said.output));
	if (!wake_hash_is_valid(ret_hash))
		return wake_fail(err, WAKE_SYSTEM, "git does not say which pack it wrote");
	return WAKE_OK;
}

int wake_kept_write_pack(struct wake_kept *kept, struct wake_error *err)
{
	WAKE_CLEANUP(git_buf_dispose) git_buf pack = { 0 };
	wake_auto_close int packs = -1;
	wake_auto_free char *dir = NULL;
	char hash[WAKE_HASH_SIZE] = "";
	int ret = wake_fs_join(kept->repo->worktree.git_dir, "objects/pack", &dir, err);

	if (ret == WAKE_OK)
		ret = build(kept, &pack, err);
	if (ret == WAKE_OK)
		ret = wake_kept_lock_packs(dir, &packs, err);
	if (ret < 0)
		return ret;
	remove_leftovers(dir, packs);
	ret = write_files(kept, &pack, hash, err);
	if (ret == WAKE_OK)
		ret = wake_kept_flush_pack(packs, hash, err);
	if (ret < 0)
		return ret;
	wake_kept_merge_packs(kept, dir, packs);
	/* Were it not found by this process, it would only be written once more. */
	(void)git_odb_refresh(kept->repo->odb);
	return WAKE_OK;
}
