/* Installed fonts: fontconfig finds them, one more for each character that the chosen one lacks;
 * FreeType draws them. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#include FT_ADVANCES_H

#include "plotter/raster/face.h"
#include "plotter/raster/ink.h"
#include "plotter/raster/raster.h"
#include "share/text.h"

enum { MOST_FACES = 12, KNOWN = 1024 };

/* A character's place, remembered: which face has it, as which glyph, how wide. */
struct known {
	uint32_t code_point; /* 0: free */
	bool bold;
	FT_Face face;
	FT_UInt glyph;
	double advance;
};

struct freetype {
	FT_Library library;
	FcConfig *config;
	FcPattern *wish;
	const char *asked; /* the family, until it is looked for */
	char instead[64];  /* what was found, where that is another one */
	uint32_t missing;  /* the first character that no face has; 0: none */
	FT_Face regular, bold;
	FT_Face fallback[MOST_FACES];
	size_t n_fallback;
	struct known known[KNOWN];
};

static FT_Face open_pattern(struct freetype *f, FcPattern *pattern)
{
	FcChar8 *file;
	int index = 0;
	FT_Face face;
	if (FcPatternGetString(pattern, FC_FILE, 0, &file) != FcResultMatch)
		return NULL;
	FcPatternGetInteger(pattern, FC_INDEX, 0, &index);
	if (FT_New_Face(f->library, (const char *)file, index, &face) != 0)
		return NULL;
	if (!FT_IS_SCALABLE(face)) {
		FT_Done_Face(face);
		return NULL;
	}
	return face;
}

static FcPattern *make_wish(const char *family, bool bold)
{
	FcPattern *wish = FcPatternCreate();
	if (!wish)
		return NULL;
	if (family)
		FcPatternAddString(wish, FC_FAMILY, (const FcChar8 *)family);
	FcPatternAddString(wish, FC_FAMILY, (const FcChar8 *)"sans-serif");
	FcPatternAddInteger(wish, FC_WEIGHT, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR);
	FcPatternAddBool(wish, FC_SCALABLE, FcTrue);
	return wish;
}

/* Names that stand for whatever the system has. */
static bool is_generic(const char *family)
{
	static const char *const generic[] = { "sans",      "sans-serif", "serif",   "mono",
					       "monospace", "cursive",    "fantasy", "system-ui" };
	for (size_t i = 0; i < sizeof generic / sizeof *generic; i++)
		if (strcasecmp(family, generic[i]) == 0)
			return true;
	return false;
}

/* Fontconfig always finds something. */
static void compare(struct freetype *f, FcPattern *match)
{
	FcChar8 *name;
	for (int i = 0; FcPatternGetString(match, FC_FAMILY, i, &name) == FcResultMatch; i++)
		if (strcasecmp((const char *)name, f->asked) == 0)
			return;
	if (FcPatternGetString(match, FC_FAMILY, 0, &name) == FcResultMatch)
		snprintf(f->instead, sizeof f->instead, "%s", (const char *)name);
}

/* The best face for a pattern, which is filled in by the user's configuration first. */
static FT_Face open_best(struct freetype *f, FcPattern *wish)
{
	FcResult result;
	FcConfigSubstitute(f->config, wish, FcMatchPattern);
	FcDefaultSubstitute(wish);
	FcPattern *match = FcFontMatch(f->config, wish, &result);
	if (!match)
		return NULL;
	if (f->asked && !is_generic(f->asked))
		compare(f, match);
	f->asked = NULL;
	FT_Face face = open_pattern(f, match);
	FcPatternDestroy(match);
	return face;
}

static void freetype_close(void *state)
{
	struct freetype *f = state;
	for (size_t i = 0; i < f->n_fallback; i++)
		FT_Done_Face(f->fallback[i]);
	if (f->bold && f->bold != f->regular)
		FT_Done_Face(f->bold);
	if (f->regular)
		FT_Done_Face(f->regular);
	if (f->wish)
		FcPatternDestroy(f->wish);
	if (f->library)
		FT_Done_FreeType(f->library);
	if (f->config)
		FcConfigDestroy(f->config);
	free(f);
}

static void *freetype_open(const char *family)
{
	struct freetype *f = calloc(1, sizeof *f);
	if (!f)
		return NULL;
	f->asked = family;
	f->config = FcInitLoadConfigAndFonts();
	if (f->config && FT_Init_FreeType(&f->library) == 0)
		f->wish = make_wish(family, false);
	if (f->wish)
		f->regular = open_best(f, f->wish);
	if (!f->regular) {
		freetype_close(f);
		return NULL;
	}
	return f;
}

static const char *freetype_instead(void *state)
{
	struct freetype *f = state;
	return *f->instead ? f->instead : NULL;
}

static uint32_t freetype_missing(void *state)
{
	struct freetype *f = state;
	return f->missing;
}

static FT_Face bold_face(struct freetype *f)
{
	if (!f->bold) {
		FcChar8 *family = NULL;
		FcPatternGetString(f->wish, FC_FAMILY, 0, &family);
		FcPattern *wish = make_wish((const char *)family, true);
		f->bold = wish ? open_best(f, wish) : NULL;
		if (wish)
			FcPatternDestroy(wish);
		f->bold = f->bold ? f->bold : f->regular;
	}
	return f->bold;
}

/* An installed face that has the character; it is kept for the others of its script. */
static FT_Face fallback_for(struct freetype *f, uint32_t c)
{
	for (size_t i = 0; i < f->n_fallback; i++)
		if (FT_Get_Char_Index(f->fallback[i], c))
			return f->fallback[i];
	FcPattern *wish = f->n_fallback < MOST_FACES ? FcPatternDuplicate(f->wish) : NULL;
	FcCharSet *needed = wish ? FcCharSetCreate() : NULL;
	FT_Face face = NULL;
	if (needed) {
		FcCharSetAddChar(needed, c);
		FcPatternAddCharSet(wish, FC_CHARSET, needed);
		face = open_best(f, wish);
		FcCharSetDestroy(needed);
	}
	if (wish)
		FcPatternDestroy(wish);
	if (face && FT_Get_Char_Index(face, c)) {
		f->fallback[f->n_fallback++] = face;
		return face;
	}
	if (face)
		FT_Done_Face(face);
	return NULL;
}

static void look_up(struct freetype *f, struct known *known, uint32_t c, bool bold)
{
	FT_Fixed advance = 0;
	*known = (struct known){ .code_point = c,
				 .bold = bold,
				 .face = bold ? bold_face(f) : f->regular };
	known->glyph = FT_Get_Char_Index(known->face, c);
	if (!known->glyph) {
		FT_Face other = fallback_for(f, c);
		if (!other && f->missing == 0 && text_cells(c) > 0)
			f->missing = c;
		known->face = other ? other : known->face;
		known->glyph = FT_Get_Char_Index(known->face, other ? c : TEXT_REPLACEMENT);
	}
	FT_Get_Advance(known->face, known->glyph, FT_LOAD_NO_SCALE, &advance);
	known->advance = text_cells(c) ? (double)advance / known->face->units_per_EM : 0;
}

static const struct known *find(struct freetype *f, uint32_t c, bool bold)
{
	struct known *known = &f->known[(c * 2 + bold) % KNOWN];
	if (known->code_point != c || known->bold != bold)
		look_up(f, known, c, bold);
	return known;
}

static double freetype_advance(void *state, uint32_t c, bool bold)
{
	return find(state, c, bold)->advance;
}

/* Hinted lightly, which moves outlines only up and down: stems keep their places, and lines of text
 * their crispness. The pen stands on quarters of a pixel. */
static int freetype_draw(void *state, struct raster *raster, struct raster_point at, uint32_t c,
			 const struct text_style *style)
{
	const struct known *known = find(state, c, style->bold);
	double pen = floor(at.x * 4 + 0.5) / 4, whole = floor(pen);
	FT_Face face = known->face;
	if (FT_Set_Char_Size(face, 0, lround(style->size * 64), 72, 72) != 0 ||
	    FT_Load_Glyph(face, known->glyph, FT_LOAD_NO_BITMAP | FT_LOAD_TARGET_LIGHT) != 0)
		return 0;
	if (face->glyph->format == FT_GLYPH_FORMAT_OUTLINE)
		FT_Outline_Translate(&face->glyph->outline, lround((pen - whole) * 64), 0);
	if (FT_Render_Glyph(face->glyph, FT_RENDER_MODE_NORMAL) != 0)
		return 0;
	const FT_Bitmap *bitmap = &face->glyph->bitmap;
	const struct raster_mask mask = {
		.x = (int)whole + face->glyph->bitmap_left,
		.y = (int)floor(at.y + 0.5) - face->glyph->bitmap_top,
		.width = (int)bitmap->width,
		.height = (int)bitmap->rows,
		.stride = (size_t)bitmap->pitch,
		.coverage = bitmap->buffer,
	};
	if (bitmap->width > 0 && bitmap->pitch > 0)
		raster_blend(raster, &mask, style->ink);
	return 0;
}

const struct face face_freetype = {
	.name = "freetype",
	.open = freetype_open,
	.instead = freetype_instead,
	.missing = freetype_missing,
	.close = freetype_close,
	.advance = freetype_advance,
	.draw = freetype_draw,
};
