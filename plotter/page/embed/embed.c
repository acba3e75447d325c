/* Makes arrays of characters in C of the files of a page: embed FILE… For the build alone. Each has
 * the name of its file: page_view_js. Of a style what indents is left out, and lines that are
 * comments; of scripts, which see each other, all blanks and comments, and what they declare gets
 * short names. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plotter/page/embed/names.h"
#include "plotter/page/embed/token.h"

struct file {
	const char *path;
	char *text;
	size_t from, to; /* of the tokens */
};

static size_t written;

static void put(const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf("%s%d,", written++ % 16 ? "" : "\n", text[i]);
}

/* A comment has its lines for itself. */
static void put_style(const char *text)
{
	bool comment = false;
	for (size_t n; *text; text += n + (text[n] == '\n')) {
		text += strspn(text, " \t");
		n = strcspn(text, "\n");
		comment |= strncmp(text, "/*", 2) == 0;
		if (!comment)
			put(text, n);
		for (size_t i = 1; i < n; i++)
			comment &= !(text[i - 1] == '*' && text[i] == '/');
	}
}

static bool is_word(char c)
{
	return c == '_' || c == '$' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || (c & 0x80);
}

/* Where the end of a line may end a statement, it stays. */
static void put_gap(const struct token *before, const struct token *token)
{
	char end = before->at[before->n - 1], begin = *token->at;
	bool may_end =
		before->kind == TOKEN_WORD || before->kind == TOKEN_TEXT || strchr(")]}", end);
	bool may_begin =
		token->kind == TOKEN_WORD || token->kind == TOKEN_TEXT || strchr("+-([{", begin);
	if (token->new_line && may_end && may_begin)
		put("\n", 1);
	else if ((is_word(end) && is_word(begin)) || (end == begin && strchr("+-", end)))
		put(" ", 1);
}

static void put_script(const struct tokens *t, const struct file *file)
{
	for (size_t i = file->from; i < file->to; i++) {
		char name[NAME_SHORT];
		if (i > file->from)
			put_gap(&t->of[i - 1], &t->of[i]);
		if (t->of[i].short_as < 0) {
			put(t->of[i].at, t->of[i].n);
		} else {
			name_write(name, t->of[i].short_as);
			put(name, strlen(name));
		}
	}
	put("\n", 1);
}

static bool is_script(const struct file *file)
{
	const char *dot = strrchr(file->path, '.');
	return dot && strcmp(dot, ".js") == 0;
}

static char *read_all(const char *path)
{
	char *text = NULL;
	long n = -1;
	FILE *in = fopen(path, "r");
	if (in && fseek(in, 0, SEEK_END) == 0 && (n = ftell(in)) >= 0 &&
	    (text = calloc(1, (size_t)n + 1))) {
		rewind(in);
		if (fread(text, 1, (size_t)n, in) != (size_t)n) {
			free(text);
			text = NULL;
		}
	}
	if (in)
		fclose(in);
	return text;
}

static void put_array(const struct tokens *t, const struct file *file)
{
	char name[128];
	const char *slash = strrchr(file->path, '/');
	snprintf(name, sizeof name, "page_%s", slash ? slash + 1 : file->path);
	*strrchr(name, '.') = '_';
	printf("extern const char %s[];\nconst char %s[] = {", name, name);
	if (is_script(file))
		put_script(t, file);
	else
		put_style(file->text);
	puts("0 };");
}

static int fail(const char *path, const char *why)
{
	fprintf(stderr, "embed: %s: %s\n", path, why);
	return 1;
}

int main(int argc, char *argv[])
{
	struct tokens tokens = { 0 };
	struct file *files = calloc((size_t)argc, sizeof *files);
	for (int i = 0; files && i < argc - 1; i++) {
		struct file *file = &files[i];
		file->path = argv[i + 1];
		file->text = strrchr(file->path, '.') ? read_all(file->path) : NULL;
		file->from = tokens.n;
		if (!file->text)
			return fail(file->path, "cannot be read");
		if (is_script(file) && tokens_read(&tokens, file->text) < 0)
			return fail(file->path, "a text or a brace has no end");
		file->to = tokens.n;
	}
	if (!files || names_shorten(&tokens) < 0)
		return fail("", "no memory");
	for (int i = 0; i < argc - 1; i++)
		put_array(&tokens, &files[i]);
	for (int i = 0; i < argc - 1; i++)
		free(files[i].text);
	free(files);
	tokens_free(&tokens);
	return ferror(stdout) ? 1 : 0;
}
