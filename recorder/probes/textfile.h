/* A file in the folder that Prometheus' node_exporter reads: others see it whole or not at all. It
 * begins with a line that tells whose it is, and is locked as long as we live. */
#pragma once

#include <limits.h>
#include <stddef.h>

#include "recorder/probes/holder_line.h"

struct textfile {
	int folder;               /* -1: none */
	int held;                 /* what is published, locked; -1: nothing is */
	char name[NAME_MAX + 1];  /* "": not yet claimed */
	char aside[NAME_MAX + 1]; /* where it is written */
	char line[HOLDER_LINE];
};

#define TEXTFILE_NONE                     \
	{                                 \
		.folder = -1, .held = -1, \
	}

/* Opens the folder, and proves that a file can be made there. 0 or -errno. */
int textfile_open(struct textfile *file, const char *folder);

/* Removes what recorders that are gone have left there, where that is proven. How many. */
size_t textfile_reap(const struct textfile *file);

/* Takes NAME.prom, or where somebody has that, NAME-2.prom and so on. Which of these it is: 1, 2 …;
 * or -errno. */
int textfile_claim(struct textfile *file, const char *name);

/* Puts the text in place of what is published. 0 or -errno: that stays. */
int textfile_publish(struct textfile *file, const char *text, size_t size);

/* Removes it, if it is still ours, and closes all. */
void textfile_close(struct textfile *file);
