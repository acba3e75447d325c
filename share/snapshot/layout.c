#include "share/snapshot/layout.h"

#define WORD_TEXT(id, text) text,
const char *const layout_words[N_WORDS - 1] = { LAYOUT_WORDS(WORD_TEXT) };
#undef WORD_TEXT

enum { N_KINDS = 2, DICT = 0, LIST = 1 };

/* By what it stands in, under which key, and by what it is itself. */
static const uint8_t roles[N_ROLES][N_WORDS][N_KINDS] = {
	[ROLE_TRACE][WORD_NONE][DICT] = ROLE_EVENT,
	[ROLE_BLOCKS][WORD_NONE][DICT] = ROLE_BLOCK,
	[ROLE_FRAMES][WORD_NONE][DICT] = ROLE_FRAME,
	[ROLE_EVENT][WORD_FRAMES][LIST] = ROLE_FRAMES,
	[ROLE_BLOCK][WORD_FRAMES][LIST] = ROLE_FRAMES,
	[ROLE_BLOCK][WORD_HISTORY][LIST] = ROLE_HISTORY,
	[ROLE_HISTORY][WORD_NONE][DICT] = ROLE_PAST,
	[ROLE_PAST][WORD_FRAMES][LIST] = ROLE_FRAMES,
	[ROLE_SEGMENTS][WORD_NONE][DICT] = ROLE_SEGMENT,
	[ROLE_SEGMENT][WORD_BLOCKS][LIST] = ROLE_BLOCKS,
	[ROLE_SEGMENT][WORD_FRAMES][LIST] = ROLE_FRAMES,
	[ROLE_ROOT][WORD_SEGMENTS][LIST] = ROLE_SEGMENTS,
	[ROLE_ROOT][WORD_DEVICE_TRACES][LIST] = ROLE_TRACES,
	[ROLE_ROOT][WORD_SETTINGS][DICT] = ROLE_SETTINGS,
	[ROLE_TRACES][WORD_NONE][LIST] = ROLE_TRACE,
};

/* A key may be any text's number, and no text at all. */
enum role layout_role(enum pickle_kind kind, const struct pickle_place *place)
{
	if (place->top)
		return kind == PICKLE_DICT ? ROLE_ROOT : ROLE_SEGMENTS;
	if (place->key < 0 || place->key >= N_WORDS || place->role >= N_ROLES)
		return ROLE_NONE;
	return (enum role)roles[place->role][place->key][kind == PICKLE_DICT ? DICT : LIST];
}
