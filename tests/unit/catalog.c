#include "share/commands/catalog.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check.h"

static char folder[] = "/tmp/mprof-catalog-XXXXXX";

static void make(const char *name)
{
	int fd = open(name, O_WRONLY | O_CREAT, 0644);
	if (fd >= 0)
		close(fd);
}

static void names_of_recordings(void)
{
	CHECK(catalog_is_recording("mprofile_20240101000000.dat"));
	CHECK(catalog_is_recording("mprofile_20240101000000.dat.gz"));
	CHECK(!catalog_is_recording("mprofile_2024010100000.dat"));
	CHECK(!catalog_is_recording("mprofile_202401010000000.dat"));
	CHECK(!catalog_is_recording("mprofile_2024010100000x.dat"));
	CHECK(!catalog_is_recording("mprofile_20240101000000.dat.bak"));
	CHECK(!catalog_is_recording("mprofile_20240101000000.png"));
	CHECK(!catalog_is_recording("mprofile_"));
	CHECK(!catalog_is_recording(""));
	CHECK(!catalog_is_recording("x/mprofile_20240101000000.dat"));
}

static void an_empty_folder_has_none(void)
{
	struct catalog catalog;
	const char *path;
	CHECK_INT(catalog_open(&catalog), 0);
	CHECK_INT(catalog.n, 0);
	CHECK_INT(catalog_find(&catalog, "0", &path), -ERANGE);
	CHECK_INT(catalog_find(&catalog, "-1", &path), -ERANGE);
	catalog_free(&catalog);
}

static void the_oldest_comes_first(void)
{
	struct catalog catalog;
	make("mprofile_20240301000000.dat");
	make("mprofile_20240101000000.dat");
	make("mprofile_20240201000000.dat.gz");
	make("other.dat");
	CHECK_INT(catalog_open(&catalog), 0);
	CHECK_INT(catalog.n, 3);
	CHECK_STR(catalog.names[0], "mprofile_20240101000000.dat");
	CHECK_STR(catalog.names[1], "mprofile_20240201000000.dat.gz");
	CHECK_STR(catalog.names[2], "mprofile_20240301000000.dat");
	catalog_free(&catalog);
	CHECK(catalog.names == NULL);
}

static void a_word_is_a_file_or_an_index(void)
{
	struct catalog catalog;
	const char *path = NULL;
	CHECK_INT(catalog_open(&catalog), 0);
	CHECK_INT(catalog_find(&catalog, "0", &path), 0);
	CHECK_STR(path, "mprofile_20240101000000.dat");
	CHECK_INT(catalog_find(&catalog, "-1", &path), 0);
	CHECK_STR(path, "mprofile_20240301000000.dat");
	CHECK_INT(catalog_find(&catalog, "-3", &path), 0);
	CHECK_STR(path, "mprofile_20240101000000.dat");
	CHECK_INT(catalog_find(&catalog, "other.dat", &path), 0);
	CHECK_STR(path, "other.dat");
	CHECK_INT(catalog_find(&catalog, "-", &path), 0);
	CHECK_STR(path, "-");
	path = "untouched";
	CHECK_INT(catalog_find(&catalog, "3", &path), -ERANGE);
	CHECK_INT(catalog_find(&catalog, "-4", &path), -ERANGE);
	CHECK_INT(catalog_find(&catalog, "99999999999999999999", &path), -ERANGE);
	CHECK_INT(catalog_find(&catalog, "absent.dat", &path), -ENOENT);
	CHECK_INT(catalog_find(&catalog, "other.dat/x", &path), -ENOENT);
	CHECK_INT(catalog_find(&catalog, "1x", &path), -ENOENT);
	CHECK_INT(catalog_find(&catalog, "", &path), -ENOENT);
	CHECK_STR(path, "untouched");
	catalog_free(&catalog);
}

static void a_file_named_like_an_index_is_ambiguous(void)
{
	struct catalog catalog;
	const char *path = NULL;
	make("2");
	make("7");
	CHECK_INT(catalog_open(&catalog), 0);
	CHECK_INT(catalog_find(&catalog, "2", &path), -ENOTUNIQ);
	CHECK_INT(catalog_find(&catalog, "./2", &path), 0);
	CHECK_STR(path, "./2");
	CHECK_INT(catalog_find(&catalog, "7", &path), 0); /* no recording has that index */
	CHECK_STR(path, "7");
	unlink("2");
	unlink("7");
	catalog_free(&catalog);
}

static void a_link_that_leads_nowhere_is_still_found(void)
{
	struct catalog catalog = { 0 };
	const char *path = NULL;
	CHECK_INT(symlink("nowhere", "link.dat"), 0);
	CHECK_INT(catalog_find(&catalog, "link.dat", &path), 0);
	CHECK_STR(path, "link.dat");
	unlink("link.dat");
}

static void the_newest_is_selected_when_nothing_is(void)
{
	struct selection selection;
	CHECK_INT(selection_make(&selection, NULL, 0), -1);
	CHECK_INT(selection.n, 1);
	CHECK_STR(selection.paths[0], "mprofile_20240301000000.dat");
	selection_free(&selection);
	char *words[] = { (char[]){ "-1" }, (char[]){ "other.dat" }, (char[]){ "0" } };
	CHECK_INT(selection_make(&selection, words, 3), -1);
	CHECK_INT(selection.n, 3);
	CHECK_STR(selection.paths[0], "mprofile_20240301000000.dat");
	CHECK_STR(selection.paths[1], "other.dat");
	CHECK_STR(selection.paths[2], "mprofile_20240101000000.dat");
	selection_free(&selection);
}

int main(void)
{
	if (!mkdtemp(folder) || chdir(folder) < 0)
		return 1;
	RUN(names_of_recordings);
	RUN(an_empty_folder_has_none);
	RUN(the_oldest_comes_first);
	RUN(a_word_is_a_file_or_an_index);
	RUN(a_file_named_like_an_index_is_ambiguous);
	RUN(a_link_that_leads_nowhere_is_still_found);
	RUN(the_newest_is_selected_when_nothing_is);
	char command[64];
	snprintf(command, sizeof command, "rm -r %s", folder);
	return system(command) != 0 || DONE();
}
