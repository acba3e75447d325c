/* Where memory grew, as folded stacks with KiB: what flame-graph tools read. */
#include <errno.h>

#include "plotter/backend/backend.h"
#include "plotter/export/stacks.h"
#include "share/growth/folded.h"

static bool is_empty; /* of the last recordings: there was nothing to be shown */
static bool is_polled;

static int put(const struct export *export, bool several)
{
	struct stacks s;
	int r = stacks_open(&s, export);
	if (r == 0 && stacks_has(&s, STACKS_GREW)) {
		is_empty = false;
		for (size_t i = 0; i < s.growth.n_frames; i++)
			is_polled |= s.growth.frames[i].polled > 0;
		folded_put(export->out, &(struct folded){ &s.growth, GROWTH_BY_LINE,
							  several ? export->profile->path : NULL,
							  s.figures[STACKS_GREW] });
	}
	stacks_close(&s);
	return r;
}

static int draw(const struct export *of, const struct profile *const profiles[], size_t n)
{
	int r = 0;
	is_empty = true;
	is_polled = false;
	for (size_t i = 0; i < n && r == 0; i++) {
		const struct export export = export_of(of, profiles, i);
		r = put(&export, n > 1);
	}
	return r == 0 && is_empty ? -ENODATA : r;
}

static const char *complaint(void)
{
	return is_empty ? "folded shows growth by line, and there is none" : "";
}

static const char *remark(void)
{
	return is_polled ? "the figures, or some of them, were seen by polling: an estimate" : "";
}

const struct backend backend_folded = {
	.name = "folded",
	.extensions = "folded",
	.summary = "for flame-graph tools: growth by line, a stack a line, in KiB",
	.places = TO_FILE | TO_TERMINAL,
	.export = draw,
	.complaint = complaint,
	.remark = remark,
};
