/* rewrite DIR MS: publishes 2000 series of one value in DIR for so long, again and again, each time
 * of the next value; prints how often. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "recorder/kernel/clock.h"
#include "recorder/probes/textfile.h"

enum { SERIES = 2000 };

int main(int argc, char *argv[])
{
	struct textfile file = TEXTFILE_NONE;
	int64_t end = clock_now() + (argc > 2 ? atoll(argv[2]) : 0) * 1000000;
	long n = 0;
	if (argc < 3 || textfile_open(&file, argv[1]) < 0 ||
	    textfile_claim(&file, "mprof-many") < 1)
		return 1;
	while (clock_now() < end) {
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
		nanosleep(&(struct timespec){ 0, 3000000 }, NULL);
	}
	textfile_close(&file);
	printf("%ld\n", n);
	return 0;
}
