/* SPDX-License-Identifier: MIT */
/* Future clones: git copies the directory that init.templateDir names into each new repository, hooks and
 * all. Ours is STATE/template: hooks/, and an empty runwake/, by which a repository is registered. */
#ifndef WAKE_WIRE_TEMPLATE_H
#define WAKE_WIRE_TEMPLATE_H

#include "cli/wire.h"

/* Makes the template and names it in the person's git settings. WAKE_EXISTS: another one is named there,
 * which is left. */
int wake_wire_template(const struct wake_paths *paths, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err) WAKE_MUST_CHECK;

/* Undoes that. Repositories made meanwhile keep what they have. */
int wake_unwire_template(const struct wake_paths *paths, const struct wake_wire_options *options,
    struct wake_wire_report *report, struct wake_error *err) WAKE_MUST_CHECK;

#endif
