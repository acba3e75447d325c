#include "share/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Decodes one sequence (RFC 3629); returns its length, 0 when it is broken. */
static size_t decode(const unsigned char *p, uint32_t *code_point)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	if (p[0] < 0x80) {
		*code_point = p[0];
		return 1;
	}
	size_t n = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : 2;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	uint32_t value = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		value = value << 6 | (p[i] & 0x3f);
	}
	if (value < least[n] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000))
		return 0;
	*code_point = value;
	return n;
}

uint32_t text_next(const char **text)
{
	uint32_t code_point = TEXT_REPLACEMENT;
	if (!**text)
		return 0;
	size_t n = decode((const unsigned char *)*text, &code_point);
	*text += n ? n : 1;
	return n ? code_point : TEXT_REPLACEMENT;
}

struct range {
	uint32_t low, high;
};

static bool is_in(const struct range *ranges, size_t n, uint32_t c)
{
	for (size_t i = 0; i < n; i++)
		if (c >= ranges[i].low && c <= ranges[i].high)
			return true;
	return false;
}

/* A file's name must not rewrite what stands around it. U+200C and U+200D stay: scripts need them
 * to be legible. */
bool text_is_printable(uint32_t c)
{
	static const struct range hidden[] = {
		{ 0x7f, 0x9f },       { 0xad, 0xad },       { 0x61c, 0x61c },
		{ 0x180e, 0x180e },   { 0x200b, 0x200b },   { 0x200e, 0x200f },
		{ 0x2028, 0x202e },   { 0x2060, 0x206f },   { 0xd800, 0xdfff },
		{ 0xfdd0, 0xfdef },   { 0xfeff, 0xfeff },   { 0xfff9, 0xfffb },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe007f },
	};
	if (c < 0x7f)
		return c >= 0x20;
	return (c & 0xfffe) != 0xfffe && !is_in(hidden, sizeof hidden / sizeof *hidden, c);
}

static size_t escape(char *out, uint32_t c)
{
	static const char letters[] = "\tt\nn\rr";
	for (const char *l = letters; *l; l += 2)
		if ((unsigned char)*l == c)
			return (size_t)sprintf(out, "\\%c", l[1]);
	return (size_t)sprintf(out, c < 0x80 ? "\\x%02x" : "\\u%04x", (unsigned)c);
}

size_t text_show(const char **text, char out[TEXT_SHOWN])
{
	uint32_t code_point;
	const char *from = *text;
	if (!*from)
		return 0;
	size_t n = decode((const unsigned char *)from, &code_point);
	*text += n ? n : 1;
	if (n == 0)
		return (size_t)sprintf(out, "\\x%02x", (unsigned char)*from);
	if (!text_is_printable(code_point))
		return escape(out, code_point);
	memcpy(out, from, n);
	return n;
}

/* A byte becomes four at most: three of U+202E, or two of U+009B, become six. */
char *text_printable(const char *text)
{
	char *copy = malloc(4 * strlen(text) + TEXT_SHOWN), *out = copy;
	for (size_t n; copy && (n = text_show(&text, out));)
		out += n;
	if (copy)
		*out = '\0';
	return copy;
}

bool text_ends_in(const char *text, const char *ending)
{
	size_t n = strlen(text), k = strlen(ending);
	return n >= k && strcmp(text + n - k, ending) == 0;
}

const char *text_base_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash && slash[1] ? slash + 1 : path;
}

/* From Unicode 14's EastAsianWidth (W and F) and the combining marks of the scripts that use them
 * most; wcwidth would need a locale, which a picture must not depend on. */
int text_cells(uint32_t c)
{
	static const struct range combining[] = {
		{ 0x300, 0x36f },   { 0x483, 0x489 },    { 0x591, 0x5bd },   { 0x5bf, 0x5bf },
		{ 0x5c1, 0x5c2 },   { 0x5c4, 0x5c5 },    { 0x5c7, 0x5c7 },   { 0x610, 0x61a },
		{ 0x64b, 0x65f },   { 0x670, 0x670 },    { 0x6d6, 0x6dc },   { 0x6df, 0x6e4 },
		{ 0x6e7, 0x6e8 },   { 0x6ea, 0x6ed },    { 0x900, 0x902 },   { 0x93a, 0x93a },
		{ 0x93c, 0x93c },   { 0x941, 0x948 },    { 0x94d, 0x94d },   { 0x951, 0x957 },
		{ 0xe31, 0xe31 },   { 0xe34, 0xe3a },    { 0xe47, 0xe4e },   { 0x1160, 0x11ff },
		{ 0x1ab0, 0x1aff }, { 0x1dc0, 0x1dff },  { 0x200b, 0x200d }, { 0x2060, 0x2064 },
		{ 0x20d0, 0x20ff }, { 0x302a, 0x302d },  { 0x3099, 0x309a }, { 0xfe00, 0xfe0f },
		{ 0xfe20, 0xfe2f }, { 0xe0100, 0xe01ef }
	};
	static const struct range wide[] = {
		{ 0x1100, 0x115f },   { 0x231a, 0x231b },   { 0x2329, 0x232a },
		{ 0x23e9, 0x23ec },   { 0x23f0, 0x23f0 },   { 0x23f3, 0x23f3 },
		{ 0x25fd, 0x25fe },   { 0x2614, 0x2615 },   { 0x2648, 0x2653 },
		{ 0x267f, 0x267f },   { 0x2693, 0x2693 },   { 0x26a1, 0x26a1 },
		{ 0x26aa, 0x26ab },   { 0x26bd, 0x26be },   { 0x26c4, 0x26c5 },
		{ 0x26ce, 0x26ce },   { 0x26d4, 0x26d4 },   { 0x26ea, 0x26ea },
		{ 0x26f2, 0x26f3 },   { 0x26f5, 0x26f5 },   { 0x26fa, 0x26fa },
		{ 0x26fd, 0x26fd },   { 0x2705, 0x2705 },   { 0x270a, 0x270b },
		{ 0x2728, 0x2728 },   { 0x274c, 0x274c },   { 0x274e, 0x274e },
		{ 0x2753, 0x2755 },   { 0x2757, 0x2757 },   { 0x2795, 0x2797 },
		{ 0x27b0, 0x27b0 },   { 0x27bf, 0x27bf },   { 0x2b1b, 0x2b1c },
		{ 0x2b50, 0x2b50 },   { 0x2b55, 0x2b55 },   { 0x2e80, 0x303e },
		{ 0x3041, 0x3247 },   { 0x3250, 0x4dbf },   { 0x4e00, 0xa4c6 },
		{ 0xa960, 0xa97c },   { 0xac00, 0xd7a3 },   { 0xf900, 0xfad9 },
		{ 0xfe10, 0xfe19 },   { 0xfe30, 0xfe6b },   { 0xff01, 0xff60 },
		{ 0xffe0, 0xffe6 },   { 0x16fe0, 0x1b2fb }, { 0x1f004, 0x1f004 },
		{ 0x1f0cf, 0x1f0cf }, { 0x1f18e, 0x1f18e }, { 0x1f191, 0x1f19a },
		{ 0x1f200, 0x1f320 }, { 0x1f32d, 0x1f335 }, { 0x1f337, 0x1f37c },
		{ 0x1f37e, 0x1f393 }, { 0x1f3a0, 0x1f3ca }, { 0x1f3cf, 0x1f3d3 },
		{ 0x1f3e0, 0x1f3f0 }, { 0x1f3f4, 0x1f3f4 }, { 0x1f3f8, 0x1f43e },
		{ 0x1f440, 0x1f440 }, { 0x1f442, 0x1f4fc }, { 0x1f4ff, 0x1f53d },
		{ 0x1f54b, 0x1f54e }, { 0x1f550, 0x1f567 }, { 0x1f57a, 0x1f57a },
		{ 0x1f595, 0x1f596 }, { 0x1f5a4, 0x1f5a4 }, { 0x1f5fb, 0x1f64f },
		{ 0x1f680, 0x1f6c5 }, { 0x1f6cc, 0x1f6cc }, { 0x1f6d0, 0x1f6d2 },
		{ 0x1f6d5, 0x1f6df }, { 0x1f6eb, 0x1f6ec }, { 0x1f6f4, 0x1f6fc },
		{ 0x1f7e0, 0x1f7f0 }, { 0x1f90c, 0x1f93a }, { 0x1f93c, 0x1f945 },
		{ 0x1f947, 0x1f9ff }, { 0x1fa70, 0x1faf6 }, { 0x20000, 0x3fffd }
	};
	if (c < 0x300)
		return 1;
	if (is_in(combining, sizeof combining / sizeof *combining, c))
		return 0;
	return is_in(wide, sizeof wide / sizeof *wide, c) ? 2 : 1;
}

/* ---- shortening ---- */

/* Moves a cut to the beginning of a character: backwards for a head, forwards for a tail. */
static size_t head_end(const char *text, size_t at)
{
	while (at > 0 && ((unsigned char)text[at] & 0xc0) == 0x80)
		at--;
	return at;
}

static size_t tail_start(const char *text, size_t at)
{
	while (((unsigned char)text[at] & 0xc0) == 0x80)
		at++;
	return at;
}

struct cut {
	const char *text;
	size_t n;   /* its bytes */
	char *kept; /* both ends with an ellipsis between them */
};

/* Keeps about so many bytes, half of them at either end; how long it is then. */
static size_t cut_to(const struct cut *cut, size_t bytes)
{
	size_t head = head_end(cut->text, (bytes + 1) / 2),
	       tail = tail_start(cut->text, cut->n - bytes / 2);
	memcpy(cut->kept, cut->text, head);
	memcpy(cut->kept + head, "…", 3);
	memcpy(cut->kept + head + 3, cut->text + tail, cut->n - tail + 1);
	return head + 3 + cut->n - tail;
}

/* The longest that fits, by halving; the ellipsis has three bytes, and a text must not grow. */
static void find_longest(const struct cut *cut, double room, text_width *width, void *context)
{
	size_t low = 0, high = cut->n; /* low fits, high does not */
	while (high - low > 1) {
		size_t keep = low + (high - low) / 2;
		if (cut_to(cut, keep) <= cut->n && width(context, cut->kept) <= room)
			low = keep;
		else
			high = keep;
	}
	cut_to(cut, low);
}

void text_shorten(char *text, double room, text_width *width, void *context)
{
	if (width(context, text) <= room)
		return;
	size_t n = strlen(text);
	char *trial = malloc(n + 4);
	if (!trial || width(context, "…") > room) {
		*text = '\0';
		free(trial);
		return;
	}
	find_longest(&(struct cut){ text, n, trial }, room, width, context);
	if (strlen(trial) <= n)
		strcpy(text, trial);
	else
		*text = '\0';
	free(trial);
}

bool text_drop_clause(char *text)
{
	char *last = NULL;
	for (char *p = text + 1; *text && *p; p++)
		if (strncmp(p, ", ", 2) == 0 || strncmp(p, " · ", 4) == 0)
			last = p;
	if (last)
		*last = '\0';
	return last != NULL;
}
