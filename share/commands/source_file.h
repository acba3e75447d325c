/* The lines of a source file, where the file is still there and has not changed. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "share/commands/source_right.h"

struct source_file {
	FILE *file;   /* NULL: it has no lines to show */
	bool changed; /* that is why */
	int error;    /* or this is: -errno */
	int line;     /* of `text` */
	char text[4096];
};

/* `us`: when the recording began, microseconds of the epoch, 0: not known. What was written later
 * is not what ran. Nothing is shown of what is larger than any source, nor once very much has been
 * read. source_file_close follows in any case. */
void source_file_open(struct source_file *source, const char *path, int64_t us,
		      const struct source_right *right);
void source_file_close(struct source_file *source);

/* Goes on to this line, without its end and cut where it is too long; NULL: there is none. */
const char *source_file_line(struct source_file *source, int line);

/* One line, without the blanks around it, printable; the caller frees it. NULL: there is none. */
char *source_file_text(const char *path, int line, int64_t us, const struct source_right *right);

/* Where that line is the head of a Python loop over something, and its body stands below it: the
 * line with which the body begins; 0: it is not. */
int source_file_body(const char *path, int line, int64_t us, const struct source_right *right);
