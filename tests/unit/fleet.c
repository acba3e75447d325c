#include "share/fleet/fleet.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/check.h"

static char folder[64];

static void in_folder(char path[128], const char *name)
{
	snprintf(path, 128, "%s/%s", folder, name);
}

static void write_file(const char *name, const char *text)
{
	char path[128];
	in_folder(path, name);
	FILE *file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
}

static void make_folder(const char *name)
{
	char path[128];
	in_folder(path, name);
	mkdir(path, 0700);
}

static void clear(void)
{
	char command[256];
	snprintf(command, sizeof command, "rm -rf %s && mkdir %s", folder, folder);
	CHECK_INT(system(command), 0);
}

static struct fleet read_all(const struct fleet_wish *wish)
{
	struct fleet fleet;
	const char *paths[] = { folder };
	CHECK_INT(fleet_read(&fleet, paths, 1, wish), 0);
	return fleet;
}

static void are_sorted_by_rank_and_start(void)
{
	clear();
	make_folder("n1");
	write_file("b.dat", "CMDLINE x\nMETA rank=10 node=n2 job=7\nMEM 5.000000 100.000000\n");
	write_file("n1/a.dat", "CMDLINE x\nMETA rank=2 host=h\nMEM 7.000000 101.000000\n"
			       "MEM 3.000000 102.000000\nEXIT -9 102.500000 7.000000 2 0\n");
	write_file("n1/c.dat",
		   "CMDLINE x\nMETA rank=2 restart=1 host=h\nMEM 1.000000 103.000000\n");
	write_file("n1/notes.txt", "MEM 1 2\n");
	write_file("d.dat", "MEM 4.000000 90.000000\n");
	struct fleet fleet = read_all(NULL);
	CHECK_INT(fleet.n, 4);
	CHECK_INT(fleet.unreadable, 0);
	const struct fleet_member *m = fleet.members;
	CHECK_INT(m[0].rank, 2);
	CHECK_INT(m[0].restart, 0);
	CHECK_STR(m[0].node, "h");
	CHECK_INT(m[0].status, -9);
	CHECK(m[0].ended);
	CHECK_INT(m[0].highest.umib, 7000000);
	CHECK_INT(m[0].highest.to, 101000000);
	CHECK_INT(m[0].to, 102000000);
	CHECK_INT(m[1].restart, 1);
	CHECK(!m[1].ended);
	CHECK_INT(m[1].status, PROFILE_STATUS_UNKNOWN);
	CHECK_INT(m[2].rank, 10);
	CHECK_STR(m[2].node, "n2");
	CHECK_STR(m[2].job, "7");
	CHECK_INT(m[3].rank, -1);
	fleet_free(&fleet);
}

static void a_name_tells_what_the_recording_does_not(void)
{
	clear();
	write_file("mprofile_20261129073000_123.0_r00007_n3_a2.dat", "MEM 1.000000 1.000000\n");
	write_file("mprofile_20261129073000_r00008_n4.dat", "MEM 1.000000 1.000000\n");
	write_file("mprofile_20261129073001_9.1_r00009_n4.dat",
		   "META rank=1 node=other job=8\nMEM 1.000000 1.000000\n");
	write_file("out_real.dat", "MEM 1.000000 1.000000\n");
	struct fleet fleet = read_all(NULL);
	CHECK_INT(fleet.n, 4);
	const struct fleet_member *m = fleet.members;
	CHECK_INT(m[0].rank, 1);
	CHECK_STR(m[0].node, "other");
	CHECK_STR(m[0].job, "8");
	CHECK_INT(m[1].rank, 7);
	CHECK_STR(m[1].node, "n3");
	CHECK_STR(m[1].job, "123");
	CHECK_INT(m[1].restart, 2);
	CHECK_INT(m[2].rank, 8);
	CHECK_STR(m[2].node, "n4");
	CHECK(m[2].job == NULL);
	CHECK_INT(m[3].rank, -1);
	fleet_free(&fleet);
}

static void many_samples_become_few_points(void)
{
	char text[200000] = "META rank=0\n";
	size_t n = strlen(text);
	clear();
	for (int i = 0; i < 4000; i++)
		n += (size_t)snprintf(text + n, sizeof text - n, "MEM %d.%06d %d.000000\n",
				      i == 1777 ? 999 : i % 10, i == 1777 ? 123457 : 0, 1000 + i);
	write_file("a.dat", text);
	const struct fleet_wish wish = { .columns = 100 };
	struct fleet fleet = read_all(&wish);
	CHECK_INT(fleet.n, 1);
	const struct fleet_member *m = fleet.members;
	CHECK(m->n_points >= 40 && m->n_points <= 100);
	CHECK_INT(m->highest.umib, 999123457);
	CHECK_INT(m->highest.to, (1000 + 1777) * 1000000LL);
	int64_t most = 0;
	for (size_t i = 0; i < m->n_points; i++) {
		most = m->points[i].umib > most ? m->points[i].umib : most;
		CHECK(i == 0 || m->points[i - 1].us < m->points[i].us);
		CHECK(m->points[i].least < m->points[i].umib);
	}
	CHECK_INT(most, 999123457);
	fleet_free(&fleet);
}

static void what_cannot_be_read_is_counted_and_named(void)
{
	clear();
	write_file("a.dat", "MEM 1.000000 1.000000\n");
	write_file("b.dat", "a letter\n");
	write_file("c.dat", "");
	char missing[128], good[128];
	in_folder(missing, "missing.dat");
	in_folder(good, "a.dat");
	const char *paths[] = { missing, folder, good };
	struct fleet fleet;
	CHECK_INT(fleet_read(&fleet, paths, 3, NULL), 0);
	CHECK_INT(fleet.n, 1); /* twice, and counted once */
	CHECK_INT(fleet.unreadable, 3);
	CHECK_STR(fleet.unread, missing);
	CHECK_INT(fleet.why, -ENOENT);
	fleet_free(&fleet);
}

static void one_that_died_before_its_first_sample_is_a_member(void)
{
	clear();
	write_file("a.dat",
		   "CMDLINE x\nMETA rank=3 start=50.000000\nEXIT 1 50.500000 0.000000 0 0\n");
	struct fleet fleet = read_all(NULL);
	CHECK_INT(fleet.n, 1);
	CHECK_INT(fleet.members[0].n_points, 0);
	CHECK_INT(fleet.members[0].from, 50000000);
	CHECK_INT(fleet.members[0].to, 50500000);
	CHECK_INT(fleet.members[0].status, 1);
	fleet_free(&fleet);
}

static void a_mark_of_the_kernels_is_the_peak(void)
{
	clear();
	write_file("a.dat", "CMDLINE x\nMETA format=1 metric=rss pid=5 rank=0 limit=64\n"
			    "MEM 10.000000 1.000000\nMEM 12.000000 2.000000\n"
			    "GONE 5 3.000000 33.300001 0\nEXIT 0 3.000000 33.300001 2 0\n");
	struct fleet fleet = read_all(NULL);
	CHECK_INT(fleet.members[0].highest.umib, 33300001);
	CHECK(fleet.members[0].exact);
	CHECK_INT(fleet.members[0].highest.from, 1000000);
	CHECK_INT(fleet.members[0].highest.to, 2000000);
	CHECK_INT(fleet.members[0].limit, 64000000);
	CHECK(!fleet.members[0].machine);
	fleet_free(&fleet);
}

static void a_mark_that_is_asked_for_is_found(void)
{
	clear();
	write_file("a.dat", "MEM 1.000000 1.000000\nMARK 1.000000 1.250000 go\n"
			    "MARK 1.000000 1.500000 go\nMEM 1.000000 2.000000\n");
	const struct fleet_wish wish = { .mark = "go" };
	struct fleet fleet = read_all(&wish);
	CHECK_INT(fleet.members[0].mark, 1250000);
	CHECK_INT(fleet.members[0].n_marks, 0);
	fleet_free(&fleet);
}

static void lines_that_grew_are_told_where_they_are_asked_for(void)
{
	static const char text[] = "CMDLINE python x.py\nMETA format=1 pid=5 rank=4\n"
				   "PATH 1 /a/x.py\nFRAME 1 0 1 10 main\nFRAME 2 1 1 20 leak\n"
				   "MEM 10.000000 1.000000\n"
				   "GROW 3.000000 1.100000 13.000000 5 5 1\n"
				   "GROW 30.000000 1.200000 43.000000 5 5 2\n"
				   "GROW -3.000000 1.300000 40.000000 5 5 1\n"
				   "MEM 40.000000 2.000000\n";
	clear();
	write_file("a.dat", text);
	const struct fleet_wish wish = { .growth = true };
	struct fleet fleet = read_all(&wish);
	CHECK_INT(fleet.members[0].n_grown, 2); /* what they held at the peak */
	if (fleet.members[0].n_grown == 2) {
		CHECK_STR(fleet.members[0].grown[0].file, "x.py");
		CHECK_STR(fleet.members[0].grown[0].function, "leak");
		CHECK_INT(fleet.members[0].grown[0].line, 20);
		CHECK_INT(fleet.members[0].grown[0].umib, 30000000);
		CHECK_INT(fleet.members[0].grown[1].umib, 3000000);
	}
	fleet_free(&fleet);
	fleet = read_all(NULL);
	CHECK_INT(fleet.members[0].n_grown, 0);
	fleet_free(&fleet);
}

static void merged_ones_are_members(void)
{
	static const char text[] =
		"CMDLINE x\nMETA format=1 merged=2 job=7\n"
		"RANK 1 0 12.500000 101.500000 101.000000 103.000000 0 node=n1 ended=1 'command=a "
		"b' "
		"path=r0.dat limit=100 peak_by=mark peak_from=101.000001\n"
		"RMEM 1 10.000000 101.000000\n"
		"RMEM 1 12.000000 102.000000 2.000000 1.000000 0.500000\n"
		"RMARK 1 10.000000 101.500000 go on\n"
		"RGROW 1 3.000000 'x y.py:7' f\n"
		"RMEM 2 99.000000 102.000000\n" /* of nobody */
		"RANK 2 5 1.000000 101.000000 101.000000 101.000000 ? node=n2 job=7\n"
		"RMEM 2 1.000000 101.000000\n"
		"MEM 11.000000 101.000000\nMEM 13.000000 102.000000\n";
	clear();
	write_file("a.dat", text);
	const struct fleet_wish wish = { .growth = true, .marks = true, .mark = "go on" };
	struct fleet fleet = read_all(&wish);
	CHECK_INT(fleet.n, 2);
	const struct fleet_member *m = fleet.members;
	CHECK_INT(m->highest.umib, 12500000);
	CHECK_INT(m->highest.from, 101000001);
	CHECK_INT(m->highest.to, 101500000);
	CHECK(m->exact && m->ended);
	CHECK_STR(m->command, "a b");
	CHECK_STR(m->path, "r0.dat");
	CHECK_INT(m->limit, 100000000);
	CHECK_INT(m->n_points, 2);
	CHECK_INT(m->points[0].least, 10000000);
	CHECK_INT(m->points[1].umib, 12000000);
	CHECK_INT(m->points[1].least, 10000000);
	CHECK_INT(m->points[1].first, 11000000);
	CHECK_INT(m->points[1].last, 11500000);
	CHECK_INT(m->n_grown, 1);
	CHECK_STR(m->grown[0].file, "x y.py");
	CHECK_INT(m->mark, 101500000);
	CHECK_INT(m->n_marks, 1);
	CHECK_INT(m[1].mark, 0);
	CHECK_INT(m[1].rank, 5);
	CHECK(!m[1].ended);
	CHECK_INT(m[1].status, PROFILE_STATUS_UNKNOWN);
	CHECK_INT(m[1].n_points, 1);
	fleet_free(&fleet);
}

int main(void)
{
	snprintf(folder, sizeof folder, "/tmp/fleet-test-%d", (int)getpid());
	RUN(are_sorted_by_rank_and_start);
	RUN(a_name_tells_what_the_recording_does_not);
	RUN(many_samples_become_few_points);
	RUN(what_cannot_be_read_is_counted_and_named);
	RUN(one_that_died_before_its_first_sample_is_a_member);
	RUN(a_mark_of_the_kernels_is_the_peak);
	RUN(a_mark_that_is_asked_for_is_found);
	RUN(lines_that_grew_are_told_where_they_are_asked_for);
	RUN(merged_ones_are_members);
	clear();
	rmdir(folder);
	return DONE();
}
