/* Tables that stand in columns: a stack is a frame under another stack, a frame a line of a
 * function, a function a name in a file. Each place is a frame and a function of its own, so that a
 * tree by function is one by line. */
#include "plotter/export/firefox.h"

#include <errno.h>
#include <stdlib.h>

#include "share/json.h"

/* What one column says of a place, or of a frame of growth. */
typedef int put_cell(struct firefox *f, const struct firefox_part *part, size_t i);

struct cells {
	const char *name;
	const char *same; /* of each; or NULL: */
	put_cell *put;
};

static int put_column(struct firefox *f, bool by_place, const struct cells *column)
{
	int r = 0;
	fprintf(f->out, "\"%s\":", column->name);
	firefox_begin_list(f);
	for (size_t i = 0; i < f->n && r == 0; i++) {
		const struct firefox_part *part = &f->parts[i];
		size_t n = by_place ? part->stacks.n_places : part->stacks.growth.n_frames;
		for (size_t k = 0; k < n && r == 0; k++) {
			firefox_separate(f);
			if (column->same)
				fputs(column->same, f->out);
			else
				r = column->put(f, part, k);
		}
	}
	fputs("],", f->out);
	return r;
}

static void put_length(struct firefox *f, bool by_place)
{
	size_t n = 0;
	for (size_t i = 0; i < f->n; i++)
		n += by_place ? f->parts[i].stacks.n_places : f->parts[i].stacks.growth.n_frames;
	fprintf(f->out, "\"length\":%zu}", n);
}

/* ---- cells ---- */

static int put_null(struct firefox *f)
{
	fputs("null", f->out);
	return 0;
}

static int put_frame(struct firefox *f, const struct firefox_part *part, size_t i)
{
	fprintf(f->out, "%zu", part->first_frame + part->stacks.place_of[i]);
	return 0;
}

static int put_prefix(struct firefox *f, const struct firefox_part *part, size_t i)
{
	size_t caller = part->stacks.growth.frames[i].caller;
	if (i == 0 || caller == 0)
		return put_null(f);
	fprintf(f->out, "%zu", part->first_stack + caller);
	return 0;
}

static int put_function(struct firefox *f, const struct firefox_part *part, size_t i)
{
	fprintf(f->out, "%zu", part->first_frame + i);
	return 0;
}

static int put_category(struct firefox *f, const struct firefox_part *part, size_t i)
{
	enum { OTHER, PYTHON, NATIVE };
	const struct stacks *s = &part->stacks;
	int category = OTHER;
	if (stacks_file(s, i))
		category = s->growth.frames[s->frame_of[i]].native ? NATIVE : PYTHON;
	fprintf(f->out, "%d", category);
	return 0;
}

static int put_line(struct firefox *f, const struct firefox_part *part, size_t i)
{
	int line = stacks_line(&part->stacks, i);
	if (line == 0)
		return put_null(f);
	fprintf(f->out, "%d", line);
	return 0;
}

static int put_string(struct firefox *f, const char *text)
{
	long at = firefox_string(f, text);
	fprintf(f->out, "%ld", at < 0 ? 0 : at);
	return at < 0 ? (int)at : 0;
}

static int put_name(struct firefox *f, const struct firefox_part *part, size_t i)
{
	char *name = stacks_label(&part->stacks, i);
	int r = name ? put_string(f, name) : -ENOMEM;
	free(name);
	return r;
}

/* Sources have a row for every place, too. */
static int put_source(struct firefox *f, const struct firefox_part *part, size_t i)
{
	return stacks_file(&part->stacks, i) ? put_function(f, part, i) : put_null(f);
}

static int put_file(struct firefox *f, const struct firefox_part *part, size_t i)
{
	const char *file = stacks_file(&part->stacks, i);
	return put_string(f, file ? file : "(no file)");
}

/* ---- tables ---- */

static int put_table(struct firefox *f, const char *name, bool by_place,
		     const struct cells columns[])
{
	int r = 0;
	fprintf(f->out, ",\n\"%s\":{", name);
	for (; columns->name && r == 0; columns++)
		r = put_column(f, by_place, columns);
	put_length(f, by_place);
	return r;
}

static void put_strings(struct firefox *f)
{
	fputs(",\n\"stringArray\":", f->out);
	firefox_begin_list(f);
	for (size_t i = 0; i < f->strings.n; i++) {
		firefox_separate(f);
		json_text(f->out, f->strings.texts[i]);
	}
	fputc(']', f->out);
}

int firefox_shared(struct firefox *f)
{
	static const struct cells stacks[] = { { "frame", NULL, put_frame },
					       { "prefix", NULL, put_prefix },
					       { NULL, NULL, NULL } };
	static const struct cells frames[] = {
		{ "address", "-1", NULL },          { "inlineDepth", "0", NULL },
		{ "category", NULL, put_category }, { "subcategory", "0", NULL },
		{ "func", NULL, put_function },     { "nativeSymbol", "null", NULL },
		{ "innerWindowID", "0", NULL },     { "line", NULL, put_line },
		{ "column", "null", NULL },         { NULL, NULL, NULL }
	};
	static const struct cells functions[] = {
		{ "name", NULL, put_name },         { "isJS", "false", NULL },
		{ "relevantForJS", "false", NULL }, { "resource", "-1", NULL },
		{ "source", NULL, put_source },     { "lineNumber", "null", NULL },
		{ "columnNumber", "null", NULL },   { NULL, NULL, NULL }
	};
	static const struct cells sources[] = { { "id", "null", NULL },
						{ "filename", NULL, put_file },
						{ NULL, NULL, NULL } };
	fputs(",\n\"shared\":{\"resourceTable\":{\"lib\":[],\"name\":[],\"host\":[],\"type\":[],"
	      "\"length\":0},\"nativeSymbols\":{\"libIndex\":[],\"address\":[],\"name\":[],"
	      "\"functionSize\":[],\"length\":0}",
	      f->out);
	int r = put_table(f, "stackTable", false, stacks);
	r = r ? r : put_table(f, "frameTable", true, frames);
	r = r ? r : put_table(f, "funcTable", true, functions);
	r = r ? r : put_table(f, "sources", true, sources);
	put_strings(f);
	fputc('}', f->out);
	return r;
}
