#include "share/output.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check.h"

/* What plot writes, as far as anybody can tell. */
#define OLD "profile,series,seconds,epoch,mib\n"

static char folder[] = "/tmp/mprof-output-XXXXXX";

static const char *read_all(const char *path)
{
	static char text[256];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = '\0';
	return text;
}

static void write_to(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

/* Files in the folder, whatever their names. */
static int count_files(void)
{
	FILE *list = popen("ls -A | wc -l", "r");
	int n = -1;
	if (!list || fscanf(list, "%d", &n) != 1)
		n = -1;
	if (list)
		pclose(list);
	return n;
}

static void nothing_stands_there_before_the_commit(void)
{
	struct output output;
	CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), 0);
	fputs("picture", output.stream);
	fflush(output.stream);
	CHECK_INT(access("a.png", F_OK), -1);
	CHECK_INT(output_commit(&output), 0);
	CHECK_STR(read_all("a.png"), "picture");
	CHECK_INT(count_files(), 1);
}

static void an_abandoned_picture_leaves_the_old_one(void)
{
	struct output output;
	write_to("a.png", OLD);
	CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), 0);
	fputs("half", output.stream);
	output_abandon(&output);
	CHECK_STR(read_all("a.png"), OLD);
	CHECK_INT(count_files(), 1);
}

static void a_commit_replaces_the_old_one(void)
{
	struct output output;
	write_to("a.png", OLD "and longer");
	CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), 0);
	fputs("new", output.stream);
	CHECK_INT(output_commit(&output), 0);
	CHECK_STR(read_all("a.png"), "new");
}

static void a_symbolic_link_stays_one(void)
{
	struct output output;
	struct stat status;
	write_to("a.png", OLD);
	CHECK_INT(symlink("a.png", "link.png"), 0);
	CHECK_INT(output_open(&output, "link.png", REPLACE_PICTURE), 0);
	fputs("new", output.stream);
	CHECK_INT(output_commit(&output), 0);
	CHECK_INT(lstat("link.png", &status), 0);
	CHECK(S_ISLNK(status.st_mode));
	CHECK_STR(read_all("a.png"), "new");
	unlink("link.png");
}

static void a_full_disk_is_told(void)
{
	struct output output;
	CHECK_INT(output_open(&output, "/dev/full", REPLACE_PICTURE), 0);
	fputs("picture", output.stream);
	CHECK_INT(output_commit(&output), -ENOSPC);
}

static void a_missing_folder_is_told(void)
{
	struct output output;
	CHECK_INT(output_open(&output, "no/such/a.png", REPLACE_PICTURE), -ENOENT);
}

static void the_umask_holds(void)
{
	struct output output;
	struct stat status;
	unlink("a.png");
	mode_t before = umask(027);
	CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), 0);
	CHECK_INT(output_commit(&output), 0);
	umask(before);
	CHECK_INT(stat("a.png", &status), 0);
	CHECK_INT(status.st_mode & 0777, 0640);
}

static void a_replaced_file_keeps_its_mode(void)
{
	static const mode_t modes[] = { 0600, 0640, 0444, 0666 };
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		struct output output;
		struct stat status;
		unlink("a.png");
		write_to("a.png", OLD);
		CHECK_INT(chmod("a.png", modes[i]), 0);
		CHECK_INT(symlink("a.png", "link.png"), 0);
		CHECK_INT(output_open(&output, "link.png", REPLACE_PICTURE), 0);
		fputs("new", output.stream);
		CHECK_INT(output_commit(&output), 0);
		unlink("link.png");
		CHECK_INT(stat("a.png", &status), 0);
		CHECK_INT(status.st_mode & 07777, modes[i]);
		CHECK_STR(read_all("a.png"), "new");
	}
	unlink("a.png");
}

/* Only root can give files away. */
static void a_replaced_file_keeps_its_owner(void)
{
	struct output output;
	struct stat status;
	write_to("a.png", OLD);
	if (chown("a.png", 12345, 23456) == 0) {
		chmod("a.png", 0640);
		CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), 0);
		CHECK_INT(output_commit(&output), 0);
		CHECK_INT(stat("a.png", &status), 0);
		CHECK_INT(status.st_uid, 12345);
		CHECK_INT(status.st_gid, 23456);
		CHECK_INT(status.st_mode & 07777, 0640);
	}
	unlink("a.png");
}

static bool disk_is_full;

/* In front of libc's. */
int fclose(FILE *stream)
{
	int (*real)(FILE *) = NULL;
	*(void **)&real = dlsym(RTLD_NEXT, "fclose");
	int r = real(stream);
	if (!disk_is_full)
		return r;
	errno = ENOSPC;
	return EOF;
}

/* As of a quota, or over a network. */
static void a_disk_that_is_full_only_at_the_end_leaves_the_old_one(void)
{
	struct output output;
	write_to("a.png", OLD);
	CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), 0);
	fputs("new", output.stream);
	disk_is_full = true;
	int r = output_commit(&output);
	disk_is_full = false;
	CHECK_INT(r, -ENOSPC);
	CHECK_STR(read_all("a.png"), OLD);
	CHECK_INT(count_files(), 1);
}

static void what_came_meanwhile_is_judged_too(void)
{
	struct output output;
	write_to("a.png", OLD);
	CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), 0);
	fputs("new", output.stream);
	write_to("a.png", "mine");
	CHECK_INT(output_commit(&output), -EEXIST);
	CHECK_STR(read_all("a.png"), "mine");
	CHECK_INT(output_open(&output, "a.png", REPLACE_PICTURE), -EEXIST);
	CHECK_INT(unlink("a.png"), 0);
}

int main(void)
{
	if (!mkdtemp(folder) || chdir(folder) != 0)
		return 1;
	RUN(nothing_stands_there_before_the_commit);
	RUN(an_abandoned_picture_leaves_the_old_one);
	RUN(a_commit_replaces_the_old_one);
	RUN(a_symbolic_link_stays_one);
	RUN(a_full_disk_is_told);
	RUN(a_missing_folder_is_told);
	RUN(the_umask_holds);
	RUN(a_replaced_file_keeps_its_mode);
	RUN(a_replaced_file_keeps_its_owner);
	RUN(what_came_meanwhile_is_judged_too);
	RUN(a_disk_that_is_full_only_at_the_end_leaves_the_old_one);
	unlink("a.png");
	if (chdir("/") == 0)
		rmdir(folder);
	return DONE();
}
