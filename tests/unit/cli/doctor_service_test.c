/* SPDX-License-Identifier: MIT */
/* cli/doctor_service: the user service is found by what lies in directories. */
#include "cli/doctor.h"

#include "../base/scratch.h"
#include "base/fs.h"

static struct wake_error err;

static void make(void **state, const char *name)
{
	wake_auto_free char *path = scratch_path(state, name);

	assert_int_equal(wake_fs_make_dirs(path, &err), WAKE_OK);
}

static struct wake_service find(void **state)
{
	wake_auto_free char *config = scratch_path(state, "config/runwake/config");
	wake_auto_free char *runtime = scratch_path(state, "runtime");
	struct wake_paths paths = { .config = config };
	struct wake_service service = { 0 };

	assert_int_equal(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
	assert_int_equal(wake_doctor_find_service(&paths, &service, &err), WAKE_OK);
	return service;
}

static void finds_it(void **state)
{
	wake_auto_free char *unit = scratch_path(state, "config/systemd/user/runwake-watcher.service");
	wake_auto_free char *wanted =
	    scratch_path(state, "config/systemd/user/default.target.wants/runwake-watcher.service");
	wake_auto_free char *manager = scratch_path(state, "runtime/systemd/private");

	assert_false(find(state).installed);
	assert_false(find(state).manager);
	make(state, "config/systemd/user/default.target.wants");
	scratch_write(unit, "[Unit]\n");
	assert_true(find(state).installed);
	assert_false(find(state).enabled);
	assert_int_equal(symlink("/nowhere", wanted), 0);
	assert_true(find(state).enabled);
	make(state, "runtime/systemd");
	scratch_write(manager, "");
	assert_true(find(state).manager);
}

static void says(struct wake_service service, enum wake_finding_state state, const char *words)
{
	wake_auto_findings struct wake_findings findings = { 0 };

	assert_int_equal(wake_doctor_service(&service, &findings, &err), WAKE_OK);
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.items[0].state, state);
	if (!strstr(findings.items[0].text, words) && !strstr(findings.items[0].mend, words))
		fail_msg("not '%s' in: %s (%s)", words, findings.items[0].text, findings.items[0].mend);
}

static void tells_of_it(void **state)
{
	(void)state;
	says((struct wake_service){ 0 }, WAKE_FINDING_OK, "no systemd of yours runs here");
	says((struct wake_service){ .manager = true }, WAKE_FINDING_NOTE, "install.sh");
	says((struct wake_service){ .manager = true, .installed = true }, WAKE_FINDING_NOTE, "enable --now");
	says((struct wake_service){ .installed = true, .enabled = true }, WAKE_FINDING_OK, "enable-linger");
	says((struct wake_service){ .installed = true, .enabled = true, .lingers = true }, WAKE_FINDING_OK,
	    "after you have logged out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		scratch_test(finds_it),
		cmocka_unit_test(tells_of_it),
	};

	return cmocka_run_group_tests_name("cli/doctor_service", tests, NULL, NULL);
}
