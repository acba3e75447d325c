#include "recorder/probes/textfile.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/check.h"

static char folder[] = "/tmp/mprof-textfile-XXXXXX";

static char *path_of(const char *name)
{
	static char path[512];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return path;
}

static void write_to(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "w");
	if (file) {
		fputs(text, file);
		fclose(file);
	}
}

static int is_there(const char *name)
{
	return access(path_of(name), F_OK) == 0;
}

static int count(void)
{
	int n = 0;
	DIR *entries = opendir(folder);
	for (struct dirent *e; entries && (e = readdir(entries));)
		n += e->d_name[0] != '.' || strlen(e->d_name) > 2;
	if (entries)
		closedir(entries);
	return n;
}

static size_t reap(void)
{
	struct textfile file = TEXTFILE_NONE;
	CHECK_INT(textfile_open(&file, folder), 0);
	size_t n = textfile_reap(&file);
	textfile_close(&file);
	return n;
}

static void it_is_published_whole_and_removed(void)
{
	struct textfile file = TEXTFILE_NONE;
	char text[512] = "";
	struct stat status;
	CHECK_INT(textfile_open(&file, folder), 0);
	CHECK_INT(count(), 0);
	mode_t mask = umask(077);
	CHECK_INT(textfile_claim(&file, "mprof-1-0"), 1);
	umask(mask);
	CHECK_INT(textfile_publish(&file, "x 1\n", 4), 0);
	CHECK_INT(textfile_publish(&file, "x 2\n", 4), 0);
	FILE *in = fopen(path_of("mprof-1-0.prom"), "r");
	CHECK(in && fread(text, 1, sizeof text - 1, in) > 0);
	if (in)
		fclose(in);
	CHECK_STR(strchr(text, '\n') + 1, "x 2\n");
	CHECK(strncmp(text, "# mprof-c boot=", 15) == 0);
	CHECK_INT(count(), 1);
	CHECK(stat(path_of("mprof-1-0.prom"), &status) == 0 && (status.st_mode & 0777) == 0644);
	textfile_close(&file);
	CHECK_INT(count(), 0);
}

static void nobody_takes_another_s_name(void)
{
	struct textfile one = TEXTFILE_NONE, two = TEXTFILE_NONE;
	CHECK_INT(textfile_open(&one, folder), 0);
	CHECK_INT(textfile_open(&two, folder), 0);
	CHECK_INT(textfile_claim(&one, "mprof-a"), 1);
	CHECK_INT(textfile_claim(&two, "mprof-a"), 2);
	CHECK(is_there("mprof-a.prom") && is_there("mprof-a-2.prom"));
	textfile_close(&one);
	CHECK(!is_there("mprof-a.prom") && is_there("mprof-a-2.prom"));
	textfile_close(&two);
	CHECK_INT(count(), 0);
}

static void what_was_put_in_its_place_stays(void)
{
	struct textfile file = TEXTFILE_NONE;
	CHECK_INT(textfile_open(&file, folder), 0);
	CHECK_INT(textfile_claim(&file, "mprof-b"), 1);
	unlink(path_of("mprof-b.prom"));
	write_to("mprof-b.prom", "another's\n");
	textfile_close(&file);
	CHECK(is_there("mprof-b.prom"));
	unlink(path_of("mprof-b.prom"));
}

static void a_folder_that_is_none(void)
{
	struct textfile file = TEXTFILE_NONE;
	CHECK(textfile_open(&file, path_of("missing")) < 0);
	textfile_close(&file);
	write_to("file", "");
	CHECK(textfile_open(&file, path_of("file")) < 0);
	textfile_close(&file);
	unlink(path_of("file"));
}

/* A process that publishes, and lives until it is killed. */
static pid_t start_one(const char *name)
{
	int ready[2];
	char byte;
	CHECK(pipe(ready) == 0);
	pid_t pid = fork();
	if (pid == 0) {
		struct textfile file = TEXTFILE_NONE;
		if (textfile_open(&file, folder) == 0 && textfile_claim(&file, name) > 0 &&
		    textfile_publish(&file, "x 1\n", 4) == 0)
			(void)!write(ready[1], "", 1);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	CHECK_INT(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void who_lives_keeps_his_file(void)
{
	pid_t pid = start_one("mprof-c-1");
	CHECK_INT(reap(), 0);
	CHECK(is_there("mprof-c-1.prom"));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	CHECK(is_there("mprof-c-1.prom"));
	CHECK_INT(reap(), 1);
	CHECK_INT(count(), 0);
}

static void of_the_dead_also_what_they_did_not_finish(void)
{
	pid_t pid = start_one("mprof-d");
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	char from[512];
	strcpy(from, path_of("mprof-d.prom"));
	CHECK_INT(rename(from, path_of(".mprof-7-1f.tmp")), 0);
	CHECK_INT(reap(), 1);
	CHECK_INT(count(), 0);
}

static void what_is_not_proven_stays(void)
{
	static const char *const lines[] = {
		"",
		"x 1\n",
		"# mprof-c\nx 1\n",
		"# mprof-c boot=? namespace=4026531836 pid=1 start=7\n",
		"# mprof-c boot=1-2 namespace=1 pid=0 start=7\n",
		"# mprof-c boot=1-2 namespace=1 pid=5 start=7", /* cut off */
		"# mprof-c boot=1-2 namespace=1 pid=5 start=7 \n",
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		write_to("mprof-e.prom", lines[i]);
		CHECK_INT(reap(), 0);
		CHECK(is_there("mprof-e.prom"));
	}
	unlink(path_of("mprof-e.prom"));
	CHECK_INT(symlink("mprof-f", path_of("mprof-e.prom")), 0);
	CHECK_INT(reap(), 0);
	unlink(path_of("mprof-e.prom"));
	CHECK_INT(mkfifo(path_of("mprof-e.prom"), 0600), 0);
	CHECK_INT(reap(), 0);
	unlink(path_of("mprof-e.prom"));
	write_to("other.prom", "# mprof-c boot=1-2 namespace=1 pid=5 start=7\n");
	CHECK_INT(reap(), 0);
	unlink(path_of("other.prom"));
}

/* Of a container's number, which is of another namespace, the lock tells. */
static void in_another_namespace_the_lock_tells(void)
{
	char ours[HOLDER_LINE], boot[64] = "", line[HOLDER_LINE];
	holder_line_write(ours);
	if (sscanf(ours, "# mprof-c boot=%63[0-9a-f-]", boot) != 1)
		return;
	snprintf(line, sizeof line, "# mprof-c boot=%s namespace=77 pid=1 start=7\n", boot);
	write_to("mprof-g.prom", line);
	int fd = open(path_of("mprof-g.prom"), O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
	CHECK_INT(reap(), 0);
	close(fd);
	CHECK_INT(reap(), 1);
}

/* The number is ours, or that of one who was started at another time. */
static void in_ours_the_number_tells_too(void)
{
	char ours[HOLDER_LINE];
	holder_line_write(ours);
	write_to("mprof-h.prom", ours);
	CHECK_INT(reap(), 0);
	char *start = strstr(ours, " start=");
	CHECK(start != NULL);
	if (start)
		strcpy(start, " start=1\n");
	write_to("mprof-h.prom", ours);
	CHECK_INT(reap(), 1);
}

/* A disk of this machine alone: whoever wrote there before it was started is gone. */
static void another_boot_is_the_past_of_a_local_disk(void)
{
	struct statfs status;
	if (statfs(folder, &status) < 0 || (status.f_type != 0xef53 && status.f_type != 0x01021994))
		return;
	write_to("mprof-i.prom", "# mprof-c boot=1-2 namespace=1 pid=5 start=7\nx 1\n");
	int fd = open(path_of("mprof-i.prom"), O_RDONLY | O_CLOEXEC);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0); /* by a container that is told another boot */
	CHECK_INT(reap(), 0);
	close(fd);
	CHECK_INT(reap(), 1);
}

int main(void)
{
	if (!mkdtemp(folder))
		return 1;
	RUN(it_is_published_whole_and_removed);
	RUN(nobody_takes_another_s_name);
	RUN(what_was_put_in_its_place_stays);
	RUN(a_folder_that_is_none);
	RUN(who_lives_keeps_his_file);
	RUN(of_the_dead_also_what_they_did_not_finish);
	RUN(what_is_not_proven_stays);
	RUN(in_another_namespace_the_lock_tells);
	RUN(in_ours_the_number_tells_too);
	RUN(another_boot_is_the_past_of_a_local_disk);
	rmdir(folder);
	return DONE();
}
