/* SPDX-License-Identifier: MIT */
/* Any bytes as a marker: what is believed is of our schema, and written again it reads the same. */
#include "event/marker.h"

#include <stdint.h>
#include <string.h>

#include "base/fs.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *directory)
{
	WAKE_CLEANUP(wake_marker_release) struct wake_marker marker = { 0 };
	WAKE_CLEANUP(wake_marker_release) struct wake_marker again = { 0 };
	struct wake_error err;

	if (wake_marker_read(directory, &marker, &err) < 0)
		return;
	if (wake_run_id_check(marker.run_id, &err) < 0 ||
	    wake_marker_write(directory, marker.run_id, marker.workspace_id, &err) < 0 ||
	    wake_marker_read(directory, &again, &err) < 0 || strcmp(marker.run_id, again.run_id) != 0 ||
	    strcmp(marker.workspace_id, again.workspace_id) != 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char directory[] =
	    "/tmp/runwake-fuzz-XXXXXX"; /* one for the whole run; left empty at its end */
	static bool made;
	wake_auto_free char *path = NULL;
	struct wake_error err;

	if (!made && !mkdtemp(directory))
		abort();
	made = true;
	if (wake_fs_join(directory, WAKE_MARKER_NAME, &path, &err) < 0 ||
	    wake_fs_replace(path, data, size, 0600, WAKE_FS_PLAIN, &err) < 0)
		abort();
	check(directory);
	(void)unlink(path);
	return 0;
}
