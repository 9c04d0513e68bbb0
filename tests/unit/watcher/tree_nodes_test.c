/* SPDX-License-Identifier: MIT */
/* watcher/tree_nodes: an array of directories against a plain list of paths. */
#include "watcher/tree_nodes.h"

#include "../base/scratch.h"

#define STEPS 20000
#define PATHS 400
#define PATH_SIZE 128

static struct wake_error err;

static int nodes_make(void **state)
{
	struct wake_nodes *nodes = calloc(1, sizeof(*nodes));

	*state = nodes;
	return nodes ? wake_nodes_init(nodes, &err) : -1;
}

static int nodes_end(void **state)
{
	wake_nodes_release(*state);
	free(*state);
	return 0;
}

static uint32_t add(struct wake_nodes *nodes, uint32_t parent, const char *name)
{
	uint32_t index;

	assert_int_equal(wake_nodes_add(nodes, parent, name, &index, &err), WAKE_OK);
	return index;
}

static void assert_path(const struct wake_nodes *nodes, uint32_t index, const char *expected)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_NODE_PATH_MAX);

	assert_true(wake_nodes_path(nodes, index, &path));
	assert_string_equal(wake_str_text(&path), expected);
}

static void has_paths(void **state)
{
	struct wake_nodes *nodes = *state;
	char name[WAKE_NODE_NAME_MAX + 2];
	uint32_t a, long_one;

	memset(name, 'n', sizeof(name));
	name[WAKE_NODE_NAME_MAX] = '\0';
	a = add(nodes, WAKE_NODE_ROOT, "a");
	assert_path(nodes, WAKE_NODE_ROOT, "");
	assert_path(nodes, a, "a");
	assert_path(nodes, add(nodes, a, "fifteen letters"), "a/fifteen letters");
	assert_path(nodes, add(nodes, a, "sixteen letters!"), "a/sixteen letters!");
	long_one = add(nodes, a, name);
	assert_int_equal(wake_nodes_find(nodes, a, name), long_one);
	assert_path(nodes, add(nodes, add(nodes, a, "\xff"), "\n"), "a/\xff/\n");
	assert_int_equal(wake_nodes_find(nodes, WAKE_NODE_ROOT, "fifteen letters"), WAKE_NODE_NONE);
	name[WAKE_NODE_NAME_MAX] = 'n';
	name[WAKE_NODE_NAME_MAX + 1] = '\0';
	assert_int_equal(wake_nodes_add(nodes, a, name, &long_one, &err), WAKE_INVALID);
	assert_int_equal(wake_nodes_add(nodes, a, "", &long_one, &err), WAKE_INVALID);
}

static void a_path_has_an_end(void **state)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_NODE_PATH_MAX);
	struct wake_nodes *nodes = *state;
	uint32_t at = WAKE_NODE_ROOT;

	for (unsigned i = 0; i < WAKE_NODE_PATH_MAX / 8 + 1; i++)
		at = add(nodes, at, "sevenel");
	assert_false(wake_nodes_path(nodes, at, &path));
	assert_true(wake_nodes_path(nodes, wake_node_at(nodes, at)->parent, &path));
	assert_int_equal(path.len, WAKE_NODE_PATH_MAX - 1);
}

static void the_trash_is_no_place(void **state)
{
	wake_auto_str struct wake_str path = WAKE_STR(WAKE_NODE_PATH_MAX);
	struct wake_nodes *nodes = *state;
	uint32_t a = add(nodes, WAKE_NODE_ROOT, "a"), b = add(nodes, a, "b"), anew;
	uint32_t serial = wake_node_at(nodes, b)->serial;

	assert_int_equal(wake_nodes_trash_leaf(nodes), WAKE_NODE_NONE);
	wake_nodes_trash(nodes, a);
	assert_false(wake_nodes_path(nodes, b, &path));
	assert_int_equal(wake_nodes_find(nodes, WAKE_NODE_ROOT, "a"), WAKE_NODE_NONE);
	anew = add(nodes, WAKE_NODE_ROOT, "a");
	assert_int_equal(wake_nodes_find(nodes, WAKE_NODE_ROOT, "a"), anew);
	assert_int_equal(wake_nodes_trash_leaf(nodes), b);
	assert_true(wake_nodes_is(nodes, b, serial));
	wake_nodes_remove(nodes, b);
	assert_false(wake_nodes_is(nodes, b, serial));
	assert_int_equal(wake_nodes_trash_leaf(nodes), a);
	wake_nodes_remove(nodes, a);
	assert_int_equal(wake_nodes_trash_leaf(nodes), WAKE_NODE_NONE);
	/* A record that is used again is another one. */
	assert_int_equal(add(nodes, anew, "c"), a);
	assert_int_equal(add(nodes, anew, "d"), b);
	assert_false(wake_nodes_is(nodes, b, serial));
	assert_path(nodes, b, "a/d");
}

/* ---- against a list of paths ---- */

struct model {
	char paths[PATHS][PATH_SIZE]; /* "": free */
};

static unsigned random_below(unsigned *seed, unsigned end)
{
	*seed = *seed * 1103515245u + 12345u;
	return (*seed >> 8) % end;
}

static uint32_t node_of(const struct wake_nodes *nodes, const char *path)
{
	char name[PATH_SIZE];
	uint32_t at = WAKE_NODE_ROOT;

	for (size_t len; *path; path += len + (path[len] == '/')) {
		len = strcspn(path, "/");
		(void)snprintf(name, sizeof(name), "%.*s", (int)len, path);
		at = wake_nodes_find(nodes, at, name);
		assert_int_not_equal(at, WAKE_NODE_NONE);
	}
	return at;
}

static bool lies_in(const char *path, const char *dir)
{
	size_t len = strlen(dir);

	return strncmp(path, dir, len) == 0 && (path[len] == '\0' || path[len] == '/');
}

static void model_add(struct model *model, struct wake_nodes *nodes, unsigned *seed)
{
	const char *parent = model->paths[random_below(seed, PATHS)];
	char path[PATH_SIZE + 24], name[20];
	size_t place = random_below(seed, PATHS);

	(void)snprintf(name, sizeof(name), "%.*sx%u", (int)random_below(seed, 2) * 12, "a longer name",
	    random_below(seed, 40));
	if (snprintf(path, sizeof(path), "%s%s%s", parent, *parent ? "/" : "", name) >= PATH_SIZE ||
	    model->paths[place][0])
		return;
	for (size_t i = 0; i < PATHS; i++) {
		if (strcmp(model->paths[i], path) == 0)
			return;
	}
	(void)add(nodes, node_of(nodes, parent), name);
	(void)snprintf(model->paths[place], PATH_SIZE, "%.*s", PATH_SIZE - 1, path);
}

static void model_trash(struct model *model, struct wake_nodes *nodes, unsigned *seed)
{
	char path[PATH_SIZE];

	memcpy(path, model->paths[random_below(seed, PATHS)], sizeof(path));
	if (!path[0])
		return;
	wake_nodes_trash(nodes, node_of(nodes, path));
	for (size_t i = 0; i < PATHS; i++) {
		if (lies_in(model->paths[i], path))
			model->paths[i][0] = '\0';
	}
}

static void sweep(struct wake_nodes *nodes, unsigned most)
{
	uint32_t leaf;

	for (; most > 0 && (leaf = wake_nodes_trash_leaf(nodes)) != WAKE_NODE_NONE; most--)
		wake_nodes_remove(nodes, leaf);
}

static void holds_what_was_put_in(void **state)
{
	struct wake_nodes *nodes = *state;
	struct model *model = calloc(1, sizeof(*model));
	unsigned seed = 7;

	assert_non_null(model);
	for (unsigned step = 0; step < STEPS; step++) {
		if (random_below(&seed, 10) < 8)
			model_add(model, nodes, &seed);
		else
			model_trash(model, nodes, &seed);
		sweep(nodes, random_below(&seed, 4));
		if (step % 500 != 0)
			continue;
		for (size_t i = 0; i < PATHS; i++) {
			if (model->paths[i][0])
				assert_path(nodes, node_of(nodes, model->paths[i]), model->paths[i]);
		}
	}
	while (wake_node_at(nodes, WAKE_NODE_ROOT)->first_child != WAKE_NODE_NONE)
		wake_nodes_trash(nodes, wake_node_at(nodes, WAKE_NODE_ROOT)->first_child);
	sweep(nodes, PATHS + STEPS);
	assert_int_equal(nodes->named, 0);
	wake_nodes_shrink(nodes);
	assert_int_equal(nodes->count, 2);
	assert_path(nodes, add(nodes, WAKE_NODE_ROOT, "again"), "again");
	free(model);
}

#define nodes_test(fn) cmocka_unit_test_setup_teardown(fn, nodes_make, nodes_end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		nodes_test(has_paths),
		nodes_test(a_path_has_an_end),
		nodes_test(the_trash_is_no_place),
		nodes_test(holds_what_was_put_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
