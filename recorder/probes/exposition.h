/* What a recording has come to so far, as text for Prometheus' node_exporter. What is not known has
 * no line. Names, labels and HELP are kept as they are: files of several versions lie side by side,
 * and of two with another HELP one is not read. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct recording;

/* Of where it runs, and in which job; NULL: not told. */
struct exposition_labels {
	const char *job, *step, *rank, *node;
	const char *profile; /* the recording's name, where the others do not make it unique */
};

struct exposition {
	const struct recording *recording;
	struct exposition_labels labels;
	uint64_t peak; /* bytes, of MEM */
};

/* The caller frees it; NULL: no memory. */
char *exposition_text(const struct exposition *exposition, size_t *size);
