#include "share/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check.h"

static char folder[] = "/tmp/mprof-replace-XXXXXX";

static void write_to(const char *path, const char *bytes, size_t n)
{
	FILE *file = fopen(path, "w");
	if (file) {
		fwrite(bytes, 1, n, file);
		fclose(file);
	}
}

enum { NOTHING = -1 };

#define BYTES(text) text, sizeof text - 1
static const struct {
	const char *bytes;
	size_t n;
	int kind; /* the only one that may replace it */
} files[] = {
	{ BYTES("CMDLINE ./train.py\nMEM 1.0 1700000000.0\n"), REPLACE_RECORDING },
	{ BYTES("META format=1 tool=mprof-c\n"), REPLACE_RECORDING },
	{ BYTES("MEM 0.171875 1795443324.8919\n"), REPLACE_RECORDING },
	{ BYTES("MEM is what I wrote about\n"), NOTHING },
	{ BYTES("META is what I wrote about\n"), NOTHING },
	{ BYTES("import os\nprint('CMDLINE ')\n"), NOTHING },
	{ BYTES("#!/bin/sh\n"), NOTHING },
	{ BYTES("\x89PNG\r\n\x1a\n0000IHDR0000tEXtSoftware\0mprof-c 0.1.0"), REPLACE_PICTURE },
	{ BYTES("\x89PNG\r\n\x1a\n0000IHDR0000tEXtSoftware\0camera"), NOTHING },
	{ BYTES("<svg xmlns=\"x\" font-family=\"DejaVu Sans,Verdana,Arial\">"), REPLACE_PICTURE },
	{ BYTES("<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>\n"), NOTHING },
	{ BYTES("<?xml version=\"1.0\"?><svg><desc>Produced by GNUPLOT 5.4</desc>"),
	  REPLACE_PICTURE },
	{ BYTES("<?xml version=\"1.0\"?><letters/>"), NOTHING },
	{ BYTES("%PDF-1.5\n…\n%%EOF\n%mprof-c\n"), REPLACE_PICTURE },
	{ BYTES("%PDF-1.5\n…\n%%EOF\n"), NOTHING },
	{ BYTES("profile,series,seconds,epoch,mib\na.dat,main,0,0,0\n"), REPLACE_PICTURE },
	{ BYTES("name,street\n"), NOTHING },
	{ BYTES("[{\n  \"unit\": \"MiB\",\n"), REPLACE_PICTURE },
	{ BYTES("[{\"name\": 1}]\n"), NOTHING },
	{ BYTES("train.py\nmemory (MiB)\n  │\n0 └──────┬──\n"), REPLACE_PICTURE },
	{ BYTES("train.py\nmemory (MiB)\n  |\n  0 +------+--\n"), REPLACE_PICTURE },
	{ BYTES("train.py\n0.00 +------+--\n"), REPLACE_PICTURE },
	{ BYTES("a list\n0 + 1 = 1\n"), NOTHING },
	{ BYTES("Filename: a.py\n\nLine #    Mem usage    Increment\n"), REPLACE_REPORT },
	{ BYTES("Filename: a.py\nmine\n"), NOTHING },
	{ BYTES("[\n  {\"file\": \"a.py\""), REPLACE_REPORT },
};

static void only_what_is_of_its_kind_is_replaced(void)
{
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		write_to("a", files[i].bytes, files[i].n);
		for (int kind = REPLACE_RECORDING; kind <= REPLACE_MERGED; kind++)
			CHECK_INT(replace_allows("a", (enum replace_kind)kind, -1),
				  kind == files[i].kind ? 0 : -EEXIST);
	}
}

/* It is a recording, but none that somebody made. */
static void what_was_merged_is_replaced_by_what_is_merged(void)
{
	write_to("a", BYTES("CMDLINE x\nMETA format=1 merged=3 tool=mprof-c\nRANK 1"));
	CHECK_INT(replace_allows("a", REPLACE_MERGED, -1), 0);
	CHECK_INT(replace_allows("a", REPLACE_RECORDING, -1), 0);
	CHECK_INT(replace_allows("a", REPLACE_PICTURE, -1), -EEXIST);
	write_to("a", BYTES("META format=1 merged=3\n"));
	CHECK_INT(replace_allows("a", REPLACE_MERGED, -1), 0);
	write_to("a", BYTES("\x1f\x8b\x08\x10\0\0\0\0\0\xffmprof-c merge\0"));
	CHECK_INT(replace_allows("a", REPLACE_MERGED, -1), 0);
	write_to("a", BYTES("\x1f\x8b\x08\x10\0\0\0\0\0\xffmy notes\0"));
	CHECK_INT(replace_allows("a", REPLACE_MERGED, -1), -EEXIST);
}

static void nothing_and_what_is_empty_may_be_replaced(void)
{
	write_to("empty", "", 0);
	CHECK_INT(replace_allows("empty", REPLACE_RECORDING, -1), 0);
	CHECK_INT(replace_allows("nosuch", REPLACE_PICTURE, -1), 0);
	CHECK_INT(replace_allows("/dev/null", REPLACE_REPORT, -1), 0);
	CHECK_INT(mkfifo("pipe", 0600), 0);
	CHECK_INT(replace_allows("pipe", REPLACE_REPORT, -1), 0); /* and nobody waits */
}

static void what_is_written_must_be_what_was_looked_at(void)
{
	write_to("a", BYTES("CMDLINE x\n"));
	write_to("b", BYTES("CMDLINE x\n"));
	int fd = open("a", O_WRONLY);
	CHECK_INT(replace_allows("a", REPLACE_RECORDING, fd), 0);
	CHECK_INT(rename("b", "a"), 0);
	CHECK_INT(replace_allows("a", REPLACE_RECORDING, fd), -EEXIST);
	close(fd);
}

static void words_are_known_through_links(void)
{
	write_to("a", BYTES("CMDLINE x\n"));
	CHECK_INT(link("a", "hard"), 0);
	CHECK_INT(symlink("a", "soft"), 0);
	const char *none[] = { "", "b", "/dev/null", NULL };
	const char *whole[] = { "b", "./a", NULL }, *behind[] = { "--input=a", NULL };
	CHECK(!replace_is_among("a", none));
	CHECK(!replace_is_among("a", NULL));
	CHECK(!replace_is_among("/dev/null", none));
	CHECK(replace_is_among("a", whole));
	CHECK(replace_is_among("hard", whole));
	CHECK(replace_is_among("soft", whole));
	CHECK(replace_is_among("soft", behind));
}

int main(void)
{
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 1;
	RUN(only_what_is_of_its_kind_is_replaced);
	RUN(what_was_merged_is_replaced_by_what_is_merged);
	RUN(nothing_and_what_is_empty_may_be_replaced);
	RUN(what_is_written_must_be_what_was_looked_at);
	RUN(words_are_known_through_links);
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", folder);
	if (system(command) != 0)
		return 1;
	return DONE();
}
