/* SPDX-License-Identifier: MIT */
/* wake_store_postgres_open of the program: loads the driver first. */
#include <dlfcn.h>
#include <string.h>

#include "base/fs.h"
#include "base/str.h"
#include "store/store_postgres.h"
#include "store/store_postgres_module.h"

/* PREFIX/bin/runwake → PREFIX/libexec/runwake/runwake-postgres.so */
static int module_path(char **ret_path, struct wake_error *err)
{
	wake_auto_free char *program = NULL;
	int status = wake_fs_resolve("/proc/self/exe", &program, err);
	char *slash;

	if (status != WAKE_OK)
		return status;
	for (int up = 0; up < 2; up++) {
		slash = strrchr(program, '/');
		if (slash)
			*slash = '\0';
	}
	return wake_str_format(ret_path, err, "%s/libexec/runwake/runwake-postgres.so", program);
}

/* The module stays loaded for as long as the process lives. */
static int load(const char *path, const struct wake_store_postgres_module **ret_module, struct wake_error *err)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	const struct wake_store_postgres_module *module =
	    library ? dlsym(library, WAKE_STORE_POSTGRES_MODULE) : NULL;
	const char *problem = library ? "it holds no driver" : dlerror();

	if (module && (strcmp(module->version, RUNWAKE_VERSION) != 0 || module->statements != WAKE_SQL_COUNT))
		problem = "it is of another version";
	else if (module) {
		*ret_module = module;
		return WAKE_OK;
	}
	return wake_fail(err, WAKE_UNAVAILABLE,
	    "the driver for PostgreSQL cannot be loaded from '%s': %s; install Runwake again, and libpq (Debian: "
	    "libpq5)",
	    path, problem);
}

int wake_store_postgres_open(const char *url, struct wake_store **ret_store, struct wake_error *err)
{
	const struct wake_store_postgres_module *module = NULL;
	wake_auto_free char *path = NULL;
	int status = module_path(&path, err);

	if (status == WAKE_OK)
		status = load(path, &module, err);
	return status == WAKE_OK ? module->open(url, ret_store, err) : status;
}
