/* SPDX-License-Identifier: MIT */
/* A tree as a large project has it: three levels of directories, as many as said, each with as many small files as
 * said; every tenth directory of the second level is an ignored one (build/).
 *
 *	watch_tree ROOT DIRECTORIES FILES-IN-EACH
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define FANOUT 50 /* directories in one */
#define PATH_ROOM 128

struct tree {
	int root;
	long wanted, made;
	long files;
};

static int make_file(int dir, long number)
{
	char name[32], text[64];
	int len, fd;
	bool ok;

	(void)snprintf(name, sizeof(name), "file%ld.c", number);
	len = snprintf(text, sizeof(text), "line one of %ld\nline two\n", number);
	fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (fd < 0)
		return -1;
	ok = write(fd, text, (size_t)len) == len;
	return close(fd) == 0 && ok ? 0 : -1;
}

static int make_directory(struct tree *tree, const char *path)
{
	int dir, ret = 0;

	if (tree->made >= tree->wanted)
		return 0;
	if (mkdirat(tree->root, path, 0755) < 0 && errno != EEXIST)
		return -1;
	dir = openat(tree->root, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return -1;
	for (long i = 0; i < tree->files && ret == 0; i++)
		ret = make_file(dir, i);
	tree->made++;
	(void)close(dir);
	return ret;
}

static int make_second_level(struct tree *tree, long top)
{
	char path[PATH_ROOM];
	int ret = 0;

	for (long i = 0; i < FANOUT && ret == 0; i++) {
		const char *name = i % 10 == 9 ? "build" : "part";

		(void)snprintf(path, sizeof(path), "top%ld/%s%ld", top, name, i);
		ret = make_directory(tree, path);
		for (long j = 0; j < FANOUT && ret == 0; j++) {
			(void)snprintf(path, sizeof(path), "top%ld/%s%ld/leaf%ld", top, name, i, j);
			ret = make_directory(tree, path);
		}
	}
	return ret;
}

int main(int argc, char **argv)
{
	struct tree tree = { .root = -1 };
	int ret = 0;

	if (argc != 4) {
		(void)fprintf(stderr, "usage: watch_tree ROOT DIRECTORIES FILES-IN-EACH\n");
		return 2;
	}
	tree.wanted = strtol(argv[2], NULL, 10);
	tree.files = strtol(argv[3], NULL, 10);
	tree.root = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tree.root < 0) {
		perror(argv[1]);
		return 1;
	}
	for (long top = 0; ret == 0 && tree.made < tree.wanted; top++) {
		char path[PATH_ROOM];

		(void)snprintf(path, sizeof(path), "top%ld", top);
		ret = make_directory(&tree, path);
		if (ret == 0)
			ret = make_second_level(&tree, top);
	}
	if (ret != 0)
		perror("watch_tree");
	(void)close(tree.root);
	return ret == 0 ? 0 : 1;
}
