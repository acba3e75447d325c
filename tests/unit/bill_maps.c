#include <sys/sysmacros.h>

#include "recorder/bill/hints.h"
#include "recorder/bill/pace.h"
#include "recorder/bill/reading.h"
#include "recorder/bill/split.h"
#include "tests/pretend.h"

#define MIB (1024ULL << 10)

/* A map of so many MiB resident. */
#define MAP(range, rights, device, inode, path, rss, more)                                \
	range " " rights " 00000000 " device " " inode " " path "\nSize: 9 kB\nRss: " rss \
	      "\nPss: 8 kB\n" more "VmFlags: rd wr mr\n"

static const char program[] =
	MAP("00400000-00500000", "r--p", "08:01", "77", "/bin/it", "1024 kB", "")
		MAP("00500000-00600000", "r-xp", "08:01", "77", "/bin/it", "1024 kB", "")
			MAP("00600000-00700000", "rw-p", "08:01", "77", "/bin/it", "1024 kB",
			    "Anonymous: 1024 kB\n") MAP("00700000-00900000", "rw-p", "00:00", "0",
							"", "2048 kB", "Anonymous: 2048 kB\n")
				MAP("01000000-02000000", "rw-p", "00:00", "0", "[heap]", "8192 kB",
				    "Anonymous: 8192 kB\n");

static const char arena_and_stack[] =
	MAP("7f0000000000-7f0001000000", "rw-p", "00:00", "0", "", "16384 kB",
	    "") MAP("7f0001000000-7f0004000000", "---p", "00:00", "0", "", "0 kB",
		    "") MAP("7f0010000000-7f0010001000", "---p", "00:00", "0", "", "0 kB", "")
		MAP("7f0010001000-7f0010801000", "rw-p", "00:00", "0", "", "64 kB",
		    "") MAP("7f0010801000-7f0010802000", "---p", "00:00", "0", "", "0 kB", "")
			MAP("7f0010802000-7f0010902000", "rw-p", "00:00", "0", "", "128 kB", "");

static const char data[] = MAP("7f1000000000-7f1000800000", "r--s", "08:01", "80",
			       "/data/x.npy (deleted)", "4096 kB",
			       "") MAP("7f1001000000-7f1001800000", "rw-p", "08:01", "81",
				       "/data/x y.bin", "4096 kB", "Anonymous: 1024 kB\n")
	MAP("7f1002000000-7f1002800000", "rw-s", "00:19", "82", "/tmp/scratch", "2048 kB", "")
		MAP("7f1003000000-7f1003800000", "rw-s", "00:01", "0", "/SYSV00000000 (deleted)",
		    "1024 kB", "") MAP("7f1004000000-7f1004800000", "rw-p", "00:00", "0", "",
				       "8192 kB", "AnonHugePages: 6144 kB\n")
			MAP("7f1005000000-7f1005800000", "rw-s", "00:0e", "9",
			    "/anon_hugepage (deleted)", "0 kB", "Shared_Hugetlb: 2048 kB\n")
				MAP("7fff00000000-7fff00100000", "rw-p", "00:00", "0", "[stack]",
				    "32 kB", "");

static uint64_t read_bill(const char *text, size_t piece, uint64_t bytes[BILL_CLASSES])
{
	const uint64_t tmpfs[] = { makedev(0, 0x19) };
	const struct classes_hints hints = { .stack = 8 * MIB, .volatile_devices = tmpfs, 1 };
	struct smaps_maps maps = { 0 };
	struct smaps_parser parser = { .maps = &maps };
	struct classes_sum sum = { 0 };
	for (size_t at = 0, n = strlen(text); at < n; at += piece)
		CHECK_INT(smaps_feed(&parser, text + at, n - at < piece ? n - at : piece), 0);
	CHECK_INT(smaps_finish(&parser), 0);
	CHECK_INT(classes_add(&sum, &maps, &hints), 0);
	smaps_free(&maps);
	memcpy(bytes, sum.bytes, sizeof sum.bytes);
	return sum.heap_range;
}

static void a_map_is_told_by_its_name_and_place(void)
{
	uint64_t of[BILL_CLASSES];
	char text[sizeof program + sizeof arena_and_stack + sizeof data];
	snprintf(text, sizeof text, "%s%s%s", program, arena_and_stack, data);
	for (size_t piece = 1; piece < 5000; piece = piece * 3 + 1) {
		CHECK_INT(read_bill(text, piece, of), 32 * MIB);
		CHECK_INT(of[BILL_PROGRAM], 5 * MIB);
		CHECK_INT(of[BILL_HEAP], 24 * MIB);
		CHECK_INT(of[BILL_STACK], 96 << 10);
		CHECK_INT(of[BILL_ARRAY], 4 * MIB);
		CHECK_INT(of[BILL_FILE], 3 * MIB);
		CHECK_INT(of[BILL_SHARED], 3 * MIB);
		CHECK_INT(of[BILL_HUGE], 6 * MIB);
		CHECK_INT(of[BILL_ANON], 3 * MIB + (128 << 10));
		CHECK_INT(of[BILL_HUGETLB], 2 * MIB);
		CHECK_INT(of[BILL_UNTOLD], 0);
	}
}

static void what_only_looks_like_something_is_anonymous(void)
{
	uint64_t of[BILL_CLASSES];
	read_bill(MAP("7f0000001000-7f0001000000", "rw-p", "00:00", "0", "", "1024 kB",
		      "") MAP("7f0001000000-7f0004000000", "---p", "00:00", "0", "", "0 kB", "")
			  MAP("7f0010000000-7f0010801000", "rw-p", "00:00", "0", "", "1024 kB", "")
				  MAP("7f0020000000-7f0020001000", "rw-p", "00:00", "0", "", "4 kB",
				      ""),
		  100, of);
	CHECK_INT(of[BILL_ANON], 2 * MIB + 4096);
}

static void nonsense_is_no_map(void)
{
	uint64_t of[BILL_CLASSES];
	char *huge = malloc(20000);
	memset(huge, 'a', 19998);
	strcpy(huge + 19998, "\n");
	read_bill(huge, 777, of);
	CHECK_INT(of[BILL_ANON], 0);
	read_bill("Rss: 5 kB\nffff-1 rw-p 0 00:00 0\nRss: 8 kB\n0-1000 rw-p 0 00:00 0 \n"
		  "Rss: 99999999999999999999999 kB\nAnonHugePages: -5 kB\n\n\n",
		  5, of);
	CHECK_INT(of[BILL_ANON] + of[BILL_HUGE], 4096);
	free(huge);
}

static void malloc_tells_what_it_keeps(void)
{
	const struct heap_figures none = { 0 }, glibc = { .asked = 1,
							  .malloc_used = 9 * MIB,
							  .malloc_kept = 12 * MIB,
							  .python_used = 3 * MIB,
							  .python_kept = 4 * MIB };
	struct classes_sum sum = { .heap_range = 24 * MIB };
	sum.bytes[BILL_HEAP] = 20 * MIB; /* so that 4 of what is free is not there */
	sum.bytes[BILL_ANON] = 5 * MIB;
	sum.bytes[BILL_HUGE] = 5 * MIB;
	split_heap(&sum, &none);
	CHECK_INT(sum.bytes[BILL_HEAP], 20 * MIB);
	split_heap(&sum, &glibc);
	CHECK_INT(sum.bytes[BILL_HEAP], 0);
	CHECK_INT(sum.bytes[BILL_KEPT], 8 * MIB);
	CHECK_INT(sum.bytes[BILL_USED], 12 * MIB);
	CHECK_INT(sum.bytes[BILL_PYTHON], 3 * MIB);
	CHECK_INT(sum.bytes[BILL_SPARE], 4 * MIB);
	CHECK_INT(sum.bytes[BILL_ANON], 0);
	CHECK_INT(sum.bytes[BILL_HUGE], 3 * MIB);
}

static void hints_are_read(void)
{
	uint64_t devices[HINTS_DEVICES];
	CHECK_INT(hints_parse_mounts("22 1 0:25 / /tmp rw - tmpfs tmpfs rw\n"
				     "23 1 8:1 / / rw - ext4 /dev/sda1 rw\n24 1 0:26 / /x rw - tmp",
				     devices),
		  1);
	CHECK_INT(devices[0], makedev(0, 25));
	CHECK_INT(hints_parse_stack("Max cpu time unlimited\nMax stack size            1048576   "
				    "unlimited  bytes\n"),
		  1048576);
	CHECK_INT(hints_parse_stack("Max stack size  unlimited unlimited bytes"), 2 * MIB);
	CHECK_INT(hints_parse_stack(""), 8 * MIB);
}

static void a_bill_adds_up_to_what_is_resident(void)
{
	struct reading_process all[] = { { .pid = 5000001, .start = 5, .bytes = 100 * MIB },
					 { .pid = 5000002, .start = 5, .bytes = 7 * MIB },
					 { .pid = 5000003, .bytes = 9 * MIB } };
	struct reading r = { .processes = all, .n = 3 };
	pretend_begin();
	pretend_process(5000001, 1, "it", 'S', 5, 15 * MIB / (uint64_t)sysconf(_SC_PAGESIZE));
	pretend_put("/proc/5000001/smaps", "%s", program);
	pretend_process(5000002, 1, "another by now", 'S', 6, 1);
	pretend_put("/proc/5000002/smaps", "%s", program);
	reading_do(&r);
	CHECK_INT(r.gone, 2);
	CHECK_INT(r.refused, 0);
	CHECK_INT(r.bytes[BILL_PROGRAM], 5 * MIB);
	CHECK_INT(r.bytes[BILL_HEAP], 8 * MIB);
	CHECK_INT(r.bytes[BILL_UNTOLD], (2 + 7 + 9) * MIB);
	r.most = 1; /* ns */
	reading_do(&r);
	CHECK(r.given_up);
	pretend_end();
}

static void unasked_it_is_seldom_and_cheap(void)
{
	const int64_t second = 1000000000;
	struct pace p = { 0 };
	int64_t now = second;
	int taken = 0;
	CHECK(!pace_is_due(&p, now, 50 * MIB, 1)); /* what `true` is asked */
	for (int i = 0; i < 36000; i++)
		if (pace_is_due(&p, now += second / 10, 50 * MIB, 1)) {
			pace_pay(&p, now, 50 * MIB, 1, second / 2000);
			taken++;
		}
	CHECK(taken > 10 && taken < 50); /* in an hour */
	CHECK(pace_is_due(&p, now += second / 10, 60 * MIB, 1));
	pace_pay(&p, now, 60 * MIB, 1, second / 2000);
	CHECK(!pace_is_due(&p, now += second / 10, 60 * MIB, 1));
	CHECK(!pace_is_due(&p, now += second / 10, 60000 * MIB, 1));
	CHECK(p.spared);
	p = (struct pace){ .asked = true };
	CHECK(pace_is_due(&p, now, 60000 * MIB, 1));
}

int main(void)
{
	RUN(a_map_is_told_by_its_name_and_place);
	RUN(what_only_looks_like_something_is_anonymous);
	RUN(nonsense_is_no_map);
	RUN(malloc_tells_what_it_keeps);
	RUN(hints_are_read);
	RUN(a_bill_adds_up_to_what_is_resident);
	RUN(unasked_it_is_seldom_and_cheap);
	return DONE();
}
