/* SPDX-License-Identifier: MIT */
/* The doctor on the watcher's user service. It looks at what lies in directories and asks no service manager:
 * one that hangs would hang the doctor. */
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/fs.h"
#include "cli/doctor.h"

#define UNIT "runwake-watcher.service"
#define TOPIC "service"
#define LINGERING "/var/lib/systemd/linger" /* one file a user, as loginctl(1) enable-linger makes them */

static bool is_there(const char *directory, const char *name)
{
	wake_auto_free char *path = NULL;
	struct wake_error ignored;
	struct stat st;

	/* An enabled unit is a link, which may lead nowhere by now. */
	return wake_fs_join(directory, name, &path, &ignored) == WAKE_OK && lstat(path, &st) == 0;
}

static void look_into(const char *directory, struct wake_service *service)
{
	service->installed = service->installed || is_there(directory, UNIT);
	service->enabled = service->enabled || is_there(directory, "default.target.wants/" UNIT);
}

/* Our settings are CONFIG/runwake/config; a user's own units lie in CONFIG/systemd/user (systemd.unit(5)). */
static int look_at_own(const struct wake_paths *paths, struct wake_service *service, struct wake_error *err)
{
	wake_auto_free char *config = NULL;
	wake_auto_free char *directory = NULL;
	int ret = wake_str_copy(paths->config, &config, err);

	for (int i = 0; ret == WAKE_OK && i < 2; i++) {
		char *slash = strrchr(config, '/');

		if (slash)
			*slash = '\0';
	}
	if (ret == WAKE_OK)
		ret = wake_fs_join(config, "systemd/user", &directory, err);
	if (ret == WAKE_OK)
		look_into(directory, service);
	return ret;
}

/* Its private socket is there as long as the manager is. */
static int look_for_manager(struct wake_service *service, struct wake_error *err)
{
	const char *runtime = getenv("XDG_RUNTIME_DIR");
	wake_auto_free char *place = NULL;
	int ret = runtime && *runtime == '/' ? wake_str_copy(runtime, &place, err)
	                                     : wake_str_format(&place, err, "/run/user/%ld", (long)geteuid());

	if (ret == WAKE_OK)
		service->manager = is_there(place, "systemd/private");
	return ret;
}

int wake_doctor_find_service(
    const struct wake_paths *paths, struct wake_service *ret_service, struct wake_error *err)
{
	static const char *const everybodys[] = { "/etc/systemd/user", "/run/systemd/user",
		"/usr/local/lib/systemd/user", "/usr/lib/systemd/user" };
	struct wake_service service = { 0 };
	const struct passwd *user = getpwuid(geteuid());
	int ret = look_at_own(paths, &service, err);

	for (size_t i = 0; i < WAKE_COUNT(everybodys); i++)
		look_into(everybodys[i], &service);
	service.lingers = user && is_there(LINGERING, user->pw_name);
	if (ret == WAKE_OK)
		ret = look_for_manager(&service, err);
	if (ret == WAKE_OK)
		*ret_service = service;
	return ret;
}

int wake_doctor_service(
    const struct wake_service *service, struct wake_findings *findings, struct wake_error *err)
{
	if (service->enabled && !service->lingers)
		return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL,
		    "loginctl enable-linger, if agents work on after you have logged out", err,
		    UNIT " is enabled; it ends with your last session");
	if (service->enabled)
		return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL, NULL, err,
		    UNIT " is enabled, and goes on after you have logged out");
	if (service->installed)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL,
		    "systemctl --user enable --now runwake-watcher", err, UNIT " is there, but switched off");
	if (service->manager)
		return wake_findings_add(findings, WAKE_FINDING_NOTE, TOPIC, NULL,
		    "run install.sh again, without --no-service", err,
		    "your systemd has no " UNIT ": the watcher runs from a run's start on");
	return wake_findings_add(findings, WAKE_FINDING_OK, TOPIC, NULL, NULL, err,
	    "no systemd of yours runs here: the watcher runs from a run's start on");
}
