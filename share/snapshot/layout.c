#include "share/snapshot/layout.h"

#define WORD_TEXT(id, text) text,
const char *const layout_words[N_WORDS - 1] = { LAYOUT_WORDS(WORD_TEXT) };
#undef WORD_TEXT

static const struct {
	enum role parent;
	enum word key;
	enum pickle_kind kind;
	enum role role;
} rules[] = {
	{ ROLE_TRACE, WORD_NONE, PICKLE_DICT, ROLE_EVENT },
	{ ROLE_BLOCKS, WORD_NONE, PICKLE_DICT, ROLE_BLOCK },
	{ ROLE_FRAMES, WORD_NONE, PICKLE_DICT, ROLE_FRAME },
	{ ROLE_EVENT, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_BLOCK, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_BLOCK, WORD_HISTORY, PICKLE_LIST, ROLE_HISTORY },
	{ ROLE_HISTORY, WORD_NONE, PICKLE_DICT, ROLE_PAST },
	{ ROLE_PAST, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_SEGMENTS, WORD_NONE, PICKLE_DICT, ROLE_SEGMENT },
	{ ROLE_SEGMENT, WORD_BLOCKS, PICKLE_LIST, ROLE_BLOCKS },
	{ ROLE_SEGMENT, WORD_FRAMES, PICKLE_LIST, ROLE_FRAMES },
	{ ROLE_ROOT, WORD_SEGMENTS, PICKLE_LIST, ROLE_SEGMENTS },
	{ ROLE_ROOT, WORD_DEVICE_TRACES, PICKLE_LIST, ROLE_TRACES },
	{ ROLE_ROOT, WORD_SETTINGS, PICKLE_DICT, ROLE_SETTINGS },
	{ ROLE_TRACES, WORD_NONE, PICKLE_LIST, ROLE_TRACE },
};

enum role layout_role(enum pickle_kind kind, const struct pickle_place *place)
{
	if (place->top)
		return kind == PICKLE_DICT ? ROLE_ROOT : ROLE_SEGMENTS;
	for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
		if ((int)rules[i].parent == place->role && rules[i].kind == kind &&
		    (int64_t)rules[i].key == place->key)
			return rules[i].role;
	return ROLE_NONE;
}
