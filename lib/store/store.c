/* SPDX-License-Identifier: MIT */
/* Which store a URL names, where a SQLite file may live, and its backup. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/id.h"
#include "base/str.h"
#include "store/store_postgres.h"
#include "store/store_sqlite.h"

#define MOUNTINFO_MAX (4u << 20) /* bytes; a line is about 150, and hosts of containers have thousands */
#define FUSE_MAGIC 0x65735546u

/* Their locks do not reach other hosts reliably, or their mappings are not shared, and SQLite's write-ahead
 * log needs both. Numbers: statfs(2) and linux/magic.h. */
static const struct {
	uint32_t magic;
	const char *name;
} network_file_systems[] = {
	{ 0x00006969, "NFS" },
	{ 0x0000517b, "SMB" },
	{ 0xff534d42, "CIFS" },
	{ 0xfe534d42, "SMB" },
	{ 0x0000564c, "NCP" },
	{ 0x5346414f, "AFS" },
	{ 0x6b414653, "AFS" },
	{ 0x73757245, "Coda" },
	{ 0x01021997, "9P" },
	{ 0x00c36400, "Ceph" },
	{ 0x0bd00bd0, "Lustre" },
	{ 0x47504653, "GPFS" },
	{ 0x19830326, "BeeGFS" },
	{ 0x7461636f, "OCFS2" },
	{ 0x01161970, "GFS2" },
	{ 0x786f4256, "VirtualBox shared folder" },
	{ 0xbacbacbc, "VMware shared folder" },
};

const char *wake_store_network_name(uint32_t magic)
{
	for (size_t i = 0; i < WAKE_COUNT(network_file_systems); i++) {
		if (network_file_systems[i].magic == magic)
			return network_file_systems[i].name;
	}
	return NULL;
}

/* FUSE says nothing of where the bytes are. These are known to keep them on this machine; any other might be
 * sshfs under a new name, and a wrong refusal costs a setting while a wrong trust costs the record. */
bool wake_store_fuse_is_local(const char *type)
{
	static const char *const local[] = { "fuseblk", "fuse.fuse-overlayfs", "fuse.gocryptfs", "fuse.encfs",
		"fuse.mergerfs", "fuse.bindfs" };

	for (size_t i = 0; i < WAKE_COUNT(local); i++) {
		if (strcmp(type, local[i]) == 0)
			return true;
	}
	return false;
}

/* A line of proc(5), mountinfo: "36 35 98:0 /root /mount/point options optional… - type source options". */
int wake_store_mount_type(const char *mountinfo, unsigned device_major, unsigned device_minor,
    struct wake_str *type, struct wake_error *err)
{
	const char *line = mountinfo;

	while (*line) {
		size_t len = strcspn(line, "\n");
		const char *dash = memmem(line, len, " - ", 3);
		unsigned seen_major, seen_minor;

		if (dash && sscanf(line, "%*u %*u %u:%u ", &seen_major, &seen_minor) == 2 &&
		    seen_major == device_major && seen_minor == device_minor) {
			wake_str_append_bytes(type, dash + 3, strcspn(dash + 3, " \n"));
			break;
		}
		line += len + (line[len] == '\n');
	}
	return wake_str_check(type, err);
}

static int refuse_network(const char *path, const char *name, struct wake_error *err)
{
	return wake_fail(err, WAKE_INVALID,
	    "'%s' lies on a network file system (%s), where SQLite's locks do not hold; name a file on a "
	    "local disk: "
	    "RUNWAKE_STORE=sqlite:/PATH",
	    path, name);
}

static int check_fuse(const char *path, const char *place, struct wake_error *err)
{
	wake_auto_str struct wake_str type = WAKE_STR(256);
	wake_auto_free char *mountinfo = NULL;
	size_t len;
	struct stat st;
	int status;

	if (stat(place, &st) < 0)
		return wake_fail_errno(err, "look at '%s'", place);
	status = wake_fs_read("/proc/self/mountinfo", MOUNTINFO_MAX, WAKE_FS_PLAIN, &mountinfo, &len, err);
	if (status != WAKE_OK)
		return wake_error_prefix(err, "which file system '%s' lies on", place);
	status = wake_store_mount_type(mountinfo, major(st.st_dev), minor(st.st_dev), &type, err);
	if (status != WAKE_OK)
		return status;
	if (wake_store_fuse_is_local(wake_str_text(&type)))
		return WAKE_OK;
	return refuse_network(path, type.len > 0 ? type.data : "FUSE", err);
}

/* place: path itself, or its directory while there is no file. */
static int check_local(const char *path, const char *place, struct wake_error *err)
{
	struct statfs fs;
	const char *name;

	if (statfs(place, &fs) < 0)
		return wake_fail_errno(err, "which file system '%s' lies on", place);
	name = wake_store_network_name((uint32_t)fs.f_type);
	if (name)
		return refuse_network(path, name, err);
	return (uint32_t)fs.f_type == FUSE_MAGIC ? check_fuse(path, place, err) : WAKE_OK;
}

/* The mode is set once more after open(2) because a umask may have taken bits away. */
int wake_store_make_file(const char *path, struct wake_error *err)
{
	wake_auto_close int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

	if (fd < 0 && errno == EEXIST)
		return WAKE_OK;
	if (fd < 0 || fchmod(fd, 0600) < 0)
		return wake_fail_errno(err, "make the store '%s'", path);
	return WAKE_OK;
}

static int make_place(const char *path, struct wake_error *err)
{
	const char *slash = strrchr(path, '/');
	wake_auto_free char *dir = strndup(path, slash == path ? 1 : (size_t)(slash - path));
	int status;

	if (!dir)
		return wake_fail_nomem(err);
	status = wake_fs_make_dirs(dir, err);
	if (status == WAKE_OK)
		status = check_local(path, dir, err);
	return status == WAKE_OK ? wake_store_make_file(path, err) : status;
}

/* A file that is there is looked at and never opened: close(2) on it would drop every lock that another
 * connection of this process has on it (fcntl(2), "advisory record locking"). */
static int look_at_file(const char *path, struct wake_error *err)
{
	struct stat st;

	if (lstat(path, &st) < 0)
		return wake_fail_errno(err, "look at the store '%s'", path);
	if (S_ISLNK(st.st_mode))
		return wake_fail(
		    err, WAKE_INVALID, "the store '%s' is a symbolic link; name the file itself", path);
	if (!S_ISREG(st.st_mode))
		return wake_fail(err, WAKE_INVALID, "the store '%s' is no regular file", path);
	return check_local(path, path, err);
}

int wake_store_place_file(const char *path, struct wake_error *err)
{
	int status = look_at_file(path, err);

	if (status == WAKE_NOTFOUND && (status = make_place(path, err)) == WAKE_OK)
		status = look_at_file(path, err);
	/* To a caller it is one thing: the store does not answer now. */
	if (status != WAKE_OK && status != WAKE_INVALID && status != WAKE_NOMEM)
		status = err->code = WAKE_UNAVAILABLE;
	return status;
}

/* A refused URL is never shown: it may hold a password. */
static int path_of(const char *url, const char **ret_path, struct wake_error *err)
{
	static const char scheme[] = "sqlite:";
	const char *path = url + sizeof(scheme) - 1;

	if (strncmp(url, scheme, sizeof(scheme) - 1) != 0 || path[0] != '/')
		return wake_fail(err, WAKE_INVALID,
		    "a store is named sqlite:/ABSOLUTE/PATH or postgresql://HOST/DATABASE; set RUNWAKE_STORE "
		    "to such a name");
	if (path[strlen(path) - 1] == '/')
		return wake_fail(
		    err, WAKE_INVALID, "the store '%s' names a directory; name a file in it", path);
	*ret_path = path;
	return WAKE_OK;
}

static int open_file(const char *url, struct wake_store **ret_store, struct wake_error *err)
{
	const char *path = NULL;
	int status = path_of(url, &path, err);

	if (status == WAKE_OK)
		status = wake_store_place_file(path, err);
	return status == WAKE_OK ? wake_store_sqlite_open(path, ret_store, err) : status;
}

int wake_store_open(const char *url, struct wake_store **ret_store, struct wake_error *err)
{
	if (strncmp(url, "postgres://", 11) == 0 || strncmp(url, "postgresql://", 13) == 0)
		return wake_store_postgres_open(url, ret_store, err);
	return open_file(url, ret_store, err);
}

/* link(2) and not rename(2): it never replaces what somebody put there in the meantime. */
static int put_in_place(const char *draft, const char *path, struct wake_error *err)
{
	const char *slash = strrchr(path, '/');
	wake_auto_free char *dir = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
	wake_auto_close int fd = dir ? open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;

	if (!dir)
		return wake_fail_nomem(err);
	if (link(draft, path) < 0)
		return wake_fail_errno(err, "make the backup '%s'", path);
	if (fd < 0 || fsync(fd) < 0)
		return wake_fail_errno(
		    err, "the backup '%s' is made, but not proof against a power cut", path);
	return WAKE_OK;
}

int wake_store_file_backup(struct wake_store *store, const char *path, struct wake_error *err)
{
	wake_auto_free char *draft = NULL;
	char id[WAKE_ID_SIZE];
	struct stat st;
	int status;

	if (lstat(path, &st) == 0)
		return wake_fail(err, WAKE_EXISTS, "'%s' is there already; name a new file", path);
	wake_id_v7(id);
	status = wake_str_format(&draft, err, "%s.%s", path, id);
	if (status != WAKE_OK)
		return status;
	status = wake_store_sqlite_copy(store, draft, err);
	if (status == WAKE_OK)
		status = put_in_place(draft, path, err);
	(void)unlink(draft);
	return status;
}
