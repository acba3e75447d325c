#include "share/commands/source_file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/text.h"

enum { MOST_LINES = 1000000, LARGEST = 16 << 20, MOST_READ = 512 << 20 };

/* Of all files together: a recording can name a thousand places at the end of large files. */
static size_t has_read;

static int open_file(FILE **file, const char *path, const struct source_right *right,
		     struct stat *status)
{
	int fd = source_right_open(right, path, status);
	if (fd < 0)
		return fd;
	int r = status->st_size <= LARGEST ? 0 : -EFBIG;
	*file = r == 0 ? fdopen(fd, "r") : NULL;
	if (!*file)
		close(fd);
	return *file || r < 0 ? r : -ENOMEM;
}

void source_file_open(struct source_file *source, const char *path, int64_t us,
		      const struct source_right *right)
{
	struct stat status;
	*source = (struct source_file){ 0 };
	source->error = open_file(&source->file, path, right, &status);
	if (!source->file)
		return;
	int64_t written = (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
	source->changed = us > 0 && written > us;
	if (source->changed)
		source_file_close(source);
}

/* The next line; false: there is no more. */
static bool take_line(struct source_file *source)
{
	size_t n = 0;
	int c = EOF;
	while (has_read < MOST_READ && (c = getc_unlocked(source->file)) != EOF && c != '\n') {
		has_read++;
		if (n + 1 < sizeof source->text)
			source->text[n++] = (char)c;
	}
	source->text[n] = '\0';
	source->text[strcspn(source->text, "\r\n")] = '\0';
	has_read++;
	return c != EOF || n > 0;
}

const char *source_file_line(struct source_file *source, int line)
{
	for (; source->file && source->line < line; source->line++)
		if (!take_line(source))
			return NULL;
	return source->file ? source->text : NULL;
}

void source_file_close(struct source_file *source)
{
	if (source->file)
		fclose(source->file);
	source->file = NULL;
}

char *source_file_text(const char *path, int line, int64_t us, const struct source_right *right)
{
	struct source_file source;
	source_file_open(&source, path, us, right);
	const char *text = line > 0 && line < MOST_LINES ? source_file_line(&source, line) : NULL;
	char *shown = NULL;
	if (text) {
		text += strspn(text, " \t");
		size_t n = strlen(text);
		while (n > 0 && strchr(" \t", text[n - 1]))
			n--;
		char *trimmed = strndup(text, n);
		shown = trimmed && n ? text_printable(trimmed) : NULL;
		free(trimmed);
	}
	source_file_close(&source);
	return shown;
}

/* ---- loops ---- */

static size_t indent_of(const char *text)
{
	return strspn(text, " \t");
}

static bool is_bare(const char *text)
{
	return strchr("#", text[indent_of(text)]) != NULL;
}

/* Without a comment behind it that is taken for one within a string: then it is no head. */
static bool is_head(const char *text)
{
	const char *word = text + indent_of(text);
	size_t n = strcspn(word, "#");
	while (n > 0 && strchr(" \t", word[n - 1]))
		n--;
	bool loops = strncmp(word, "for ", 4) == 0 || strncmp(word, "async for ", 10) == 0;
	return loops && word[n - 1] == ':';
}

int source_file_body(const char *path, int line, int64_t us, const struct source_right *right)
{
	struct source_file source;
	source_file_open(&source, path, us, right);
	const char *text = line > 0 && line < MOST_LINES ? source_file_line(&source, line) : NULL;
	bool head = text && is_head(text);
	size_t indent = head ? indent_of(text) : 0;
	while (head && (text = source_file_line(&source, source.line + 1)) && is_bare(text))
		;
	int body = head && text && indent_of(text) > indent ? source.line : 0;
	source_file_close(&source);
	return body;
}
