#include "share/profile/kinds.h"

const char *const profile_hows[PROFILE_HOWS] = {
	[PROFILE_UNSAID] = "",       [PROFILE_FAULT] = "fault",         [PROFILE_LATE] = "late",
	[PROFILE_POLLED] = "polled", [PROFILE_INHERITED] = "inherited", [PROFILE_COPIED] = "copied",
};

/* clang-format off */
#define TAG(tag) tag, sizeof tag - 1
#define FIELD(type, member)                                                  \
	{                                                                    \
		FIELD_##type, false, offsetof(struct profile_record, member) \
	}
#define MAYBE(type, member)                                                 \
	{                                                                   \
		FIELD_##type, true, offsetof(struct profile_record, member) \
	}
#define AT  FIELD(MEMORY, at.umib), FIELD(MOMENT, at.us)
#define END FIELD(MEMORY, end.umib), FIELD(MOMENT, end.us)

const struct kind profile_kinds[PROFILE_KINDS] = {
	[PROFILE_MEM] = { TAG("MEM"), "main", "samples", { AT } },
	[PROFILE_PEAK] = { TAG("PEAK"), "peak", "peaks", { AT, MAYBE(MOMENT, since) } },
	[PROFILE_VAL] = { TAG("VAL"), "metric", "metric_samples", { FIELD(WORD, text), AT } },
	[PROFILE_GPU] = { TAG("GPU"), "gpu", "gpu_samples",
		{ FIELD(WORD, text), AT, FIELD(SCOPE, whole_device) } },
	[PROFILE_CHLD] = { TAG("CHLD"), "child", "child_samples", { FIELD(PID, pid), AT } },
	[PROFILE_GROW] = { TAG("GROW"), NULL, NULL,
		{ FIELD(MEMORY, increment), FIELD(MOMENT, at.us), FIELD(MEMORY, at.umib),
		  FIELD(PID, pid), FIELD(PID, thread), FIELD(COUNT, frame), MAYBE(HOW, how) } },
	[PROFILE_FUNC] = { TAG("FUNC"), NULL, NULL,
		{ FIELD(NAME, function), AT, END, MAYBE(WHOLE, level) } },
	[PROFILE_ENTER] = { TAG("ENTER"), NULL, NULL,
		{ FIELD(WORD, function), AT, FIELD(WHOLE, level), FIELD(PID, thread) } },
	[PROFILE_PROC] = { TAG("PROC"), NULL, NULL,
		{ FIELD(PID, pid), FIELD(PID, ppid), FIELD(MOMENT, at.us), FIELD(TEXT, text) } },
	[PROFILE_GONE] = { TAG("GONE"), NULL, NULL,
		{ FIELD(PID, pid), FIELD(MOMENT, at.us), FIELD(FIGURE, peak), FIELD(STATUS, status) } },
	[PROFILE_FRAME] = { TAG("FRAME"), NULL, NULL,
		{ FIELD(COUNT, number), FIELD(COUNT, caller), FIELD(COUNT, path),
		  FIELD(WHOLE, place.line), FIELD(SOME, function) } },
	[PROFILE_PATH] = { TAG("PATH"), NULL, NULL, { FIELD(COUNT, number), FIELD(SOME, text) } },
	[PROFILE_LINE] = { TAG("LINE"), NULL, NULL,
		{ FIELD(PLACE, place), FIELD(WORD, function), FIELD(MEMORY, at.umib),
		  FIELD(MEMORY, increment), FIELD(MEMORY, peak), FIELD(COUNT, occurrences),
		  MAYBE(PID, pid), MAYBE(MEMORY, foreign) } },
	[PROFILE_MARK] = { TAG("MARK"), "mark", NULL, { AT, FIELD(TEXT, text) } },
	[PROFILE_HEAP] = { TAG("HEAP"), NULL, NULL,
		{ FIELD(PID, pid), FIELD(COUNT, frame), FIELD(MEMORY, live), FIELD(MEMORY, given_back),
		  FIELD(CHANGE, blocks), FIELD(MEMORY, spread), FIELD(MOMENT, at.us), MAYBE(HOW, how) } },
	[PROFILE_BILL] = { TAG("BILL"), "bill", "bills", { FIELD(WORD, text), AT } },
	[PROFILE_VRAM] = { TAG("VRAM"), NULL, NULL,
		{ FIELD(WORD, device), FIELD(MEMORY, increment), FIELD(MOMENT, at.us), FIELD(PID, pid),
		  FIELD(COUNT, frame) } },
	[PROFILE_OOM] = { TAG("OOM"), NULL, NULL,
		{ FIELD(PID, pid), FIELD(WORD, device), FIELD(MAYBE, at.umib), FIELD(MOMENT, at.us),
		  FIELD(COUNT, frame), FIELD(TEXT, text) } },
	[PROFILE_OWED] = { TAG("OWED"), NULL, NULL,
		{ FIELD(PID, pid), FIELD(WORD, device), FIELD(WORD, function), FIELD(MAYBE, at.umib),
		  FIELD(TEXT, text) } },
	[PROFILE_RANK] = { TAG("RANK"), NULL, NULL,
		{ FIELD(PID, member), FIELD(CHANGE, rank), AT, FIELD(MOMENT, from),
		  FIELD(MOMENT, to), FIELD(STATUS, status), FIELD(QUOTED, text) } },
	[PROFILE_RMEM] = { TAG("RMEM"), "member", "member_samples",
		{ FIELD(PID, member), AT, MAYBE(BELOW, lowest), MAYBE(BELOW, first),
		  MAYBE(BELOW, last) } },
	[PROFILE_RGROW] = { TAG("RGROW"), NULL, NULL,
		{ FIELD(PID, member), FIELD(MEMORY, increment), FIELD(PLACE, place),
		  FIELD(SOME, function) } },
	[PROFILE_RMARK] = { TAG("RMARK"), NULL, NULL, { FIELD(PID, member), AT, FIELD(TEXT, text) } },
	[PROFILE_META] = { TAG("META"), NULL, NULL, { FIELD(QUOTED, text) } },
	[PROFILE_CMDLINE] = { TAG("CMDLINE"), NULL, NULL, { FIELD(QUOTED, text) } },
	[PROFILE_EXIT] = { TAG("EXIT"), NULL, NULL,
		{ FIELD(STATUS, status), FIELD(MOMENT, at.us), FIELD(MEMORY, peak),
		  FIELD(COUNT, samples), FIELD(COUNT, missed) } },
};
