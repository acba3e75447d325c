#include "plotter/raster/font.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/raster/face.h"
#include "plotter/raster/ink.h"
#include "share/text.h"

struct font {
	const struct face *face;
	void *state;
};

static void choose(struct font *font, const char *family)
{
#ifdef HAVE_FREETYPE
	if (!family || strcmp(family, "builtin") != 0) {
		font->face = &face_freetype;
		font->state = face_freetype.open(family);
	}
#endif
	if (!font->state) {
		font->face = &face_stroke;
		font->state = face_stroke.open(family);
	}
}

int font_open(struct font **font, const char *family)
{
	*font = calloc(1, sizeof **font);
	if (!*font)
		return -ENOMEM;
	choose(*font, family);
	return 0;
}

void font_close(struct font *font)
{
	if (font)
		font->face->close(font->state);
	free(font);
}

const char *font_instead(const struct font *font, const char *family)
{
	if (font->face->instead)
		return font->face->instead(font->state);
	return family && strcmp(family, "builtin") != 0 ? "the built-in face" : NULL;
}

uint32_t font_missing(const struct font *font)
{
	return font->face->missing ? font->face->missing(font->state) : 0;
}

/* Chinese, Japanese and Korean lie in these blocks; what is a picture by itself behind them. */
const char *font_package(uint32_t c)
{
	static const struct {
		uint32_t from, to;
		const char *package;
	} blocks[] = { { 0x1100, 0x11ff, "fonts-noto-cjk" },  { 0x2e80, 0xa4cf, "fonts-noto-cjk" },
		       { 0xa960, 0xa97f, "fonts-noto-cjk" },  { 0xac00, 0xd7ff, "fonts-noto-cjk" },
		       { 0xf900, 0xfaff, "fonts-noto-cjk" },  { 0xfe30, 0xfe4f, "fonts-noto-cjk" },
		       { 0xff00, 0xffef, "fonts-noto-cjk" },  { 0x1f000, 0x1faff, "fonts-symbola" },
		       { 0x20000, 0x3ffff, "fonts-noto-cjk" } };
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
		if (c >= blocks[i].from && c <= blocks[i].to)
			return blocks[i].package;
	return "fonts-noto-core";
}

double font_width(struct font *font, const char *text, double size, bool bold)
{
	double width = 0;
	for (uint32_t c; (c = text_next(&text));)
		width += font->face->advance(font->state, c, bold);
	return width * size;
}

int font_draw(struct font *font, struct raster *raster, struct raster_point at, const char *text,
	      const struct text_style *style)
{
	int r = 0;
	if (style->anchor != ANCHOR_LEFT) {
		double width = font_width(font, text, style->size, style->bold);
		at.x -= style->anchor == ANCHOR_MIDDLE ? width / 2 : width;
	}
	for (uint32_t c; r == 0 && (c = text_next(&text));) {
		r = font->face->draw(font->state, raster, at, c, style);
		at.x += font->face->advance(font->state, c, style->bold) * style->size;
	}
	return r;
}
