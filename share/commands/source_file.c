#include "share/commands/source_file.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "share/text.h"

enum { MOST_LINES = 1000000 };

/* Nothing that one could wait for: the path is the recording's word. */
static FILE *open_file(const char *path, struct stat *status)
{
	int fd = *path == '/' ? open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
	bool good = fd >= 0 && fstat(fd, status) == 0 && S_ISREG(status->st_mode);
	FILE *file = good ? fdopen(fd, "r") : NULL;
	if (!file && fd >= 0)
		close(fd);
	return file;
}

void source_file_open(struct source_file *source, const char *path, int64_t us)
{
	struct stat status;
	*source = (struct source_file){ .file = open_file(path, &status) };
	if (!source->file)
		return;
	int64_t written = (int64_t)status.st_mtim.tv_sec * 1000000 + status.st_mtim.tv_nsec / 1000;
	source->changed = us > 0 && written > us;
	if (source->changed) {
		fclose(source->file);
		source->file = NULL;
	}
}

const char *source_file_line(struct source_file *source, int line)
{
	while (source->file && source->line < line) {
		ssize_t n = getline(&source->text, &source->size, source->file);
		if (n < 0)
			return NULL;
		source->text[strcspn(source->text, "\r\n")] = '\0';
		source->line++;
	}
	return source->file ? source->text : NULL;
}

void source_file_close(struct source_file *source)
{
	if (source->file)
		fclose(source->file);
	free(source->text);
}

char *source_file_text(const char *path, int line, int64_t us)
{
	struct source_file source;
	source_file_open(&source, path, us);
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
