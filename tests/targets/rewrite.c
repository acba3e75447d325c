/* rewrite DIR: publishes 2000 series of one value in DIR until its standard input ends, 10 seconds
 * at most, again and again, each time of the next value; prints how often. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "recorder/kernel/clock.h"
#include "recorder/probes/textfile.h"

enum { SERIES = 2000 };

int main(int argc, char *argv[])
{
	struct textfile file = TEXTFILE_NONE;
	const int64_t end = clock_now() + 10000000000;
	struct pollfd input = { .fd = 0 };
	long n = 0;
	if (argc < 2 || textfile_open(&file, argv[1]) < 0 ||
	    textfile_claim(&file, "mprof-many") < 1)
		return 1;
	while (clock_now() < end && poll(&input, 1, 3) == 0) {
		char *text = NULL;
		size_t size;
		FILE *out = open_memstream(&text, &size);
		fputs("# HELP mprof_many Many.\n# TYPE mprof_many gauge\n", out);
		for (int i = 0; i < SERIES; i++)
			fprintf(out, "mprof_many{i=\"%d\"} %ld\n", i, n);
		if (fclose(out) != 0 || textfile_publish(&file, text, size) < 0)
			return 1;
		free(text);
		n++;
	}
	textfile_close(&file);
	printf("%ld\n", n);
	return 0;
}
