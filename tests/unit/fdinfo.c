#include "recorder/gpu/fdinfo.h"

#include <errno.h>

#include "tests/check.h"

static struct fdinfo parse(const char *text)
{
	struct fdinfo info;
	CHECK_INT(fdinfo_parse(text, &info), 0);
	return info;
}

static void amdgpu_by_its_old_key(void)
{
	struct fdinfo info = parse("pos:\t0\nflags:\t02100002\nmnt_id:\t24\nino:\t1234\n"
				   "drm-driver:\tamdgpu\ndrm-client-id:\t42\n"
				   "drm-pdev:\t0000:03:00.0\npasid:\t32773\n"
				   "drm-memory-vram:\t3072 KiB\ndrm-memory-gtt: \t2048 KiB\n"
				   "drm-memory-cpu: \t0 KiB\ndrm-engine-gfx:\t99 ns\n");
	CHECK_STR(info.driver, "amdgpu");
	CHECK_STR(info.device, "0000:03:00.0");
	CHECK(info.has_client && info.has_vram);
	CHECK_INT(info.client, 42);
	CHECK_INT(info.vram, 3 << 20);
}

static void what_is_resident_goes_before_what_was_asked_for(void)
{
	CHECK_INT(parse("drm-driver: amdgpu\ndrm-total-vram: 9 MiB\ndrm-memory-vram: 5 MiB\n"
			"drm-resident-vram: 4 MiB\n")
			  .vram,
		  4 << 20);
	CHECK_INT(parse("drm-driver: x\ndrm-total-vram: 9 MiB\n").vram, 9 << 20);
	/* Figures of two kinds do not add up. */
	CHECK_INT(parse("drm-driver: x\ndrm-total-vram0: 9 MiB\ndrm-resident-vram1: 2 MiB\n").vram,
		  2 << 20);
}

static void regions_of_the_device_are_added(void)
{
	struct fdinfo xe = parse("drm-driver:\txe\ndrm-resident-system:\t70 MiB\n"
				 "drm-resident-gtt:\t7 MiB\ndrm-resident-vram0:\t10 MiB\n"
				 "drm-resident-vram1:\t1024 KiB\ndrm-resident-stolen:\t5\n");
	CHECK_INT(xe.vram, 11 << 20);
	struct fdinfo i915 = parse("drm-driver: i915\ndrm-resident-system0: 9 MiB\n"
				   "drm-resident-local0: 100\ndrm-resident-stolen-local0: 11\n");
	CHECK_INT(i915.vram, 111);
}

static void an_integrated_one_has_none(void)
{
	struct fdinfo info =
		parse("drm-driver: i915\ndrm-client-id: 1\ndrm-total-system0: 9 MiB\n");
	CHECK(!info.has_vram);
	CHECK_INT(info.vram, 0);
}

static void another_file_is_none(void)
{
	struct fdinfo info;
	CHECK_INT(fdinfo_parse("pos:\t0\nflags:\t0100002\nmnt_id:\t15\n", &info), -ENOENT);
	CHECK_INT(fdinfo_parse("", &info), -ENOENT);
	CHECK_INT(fdinfo_parse("drm-driver:\n", &info), -ENOENT);
	CHECK_INT(fdinfo_parse("inotify wd:1 ino:2 sdev:3\nxdrm-driver: amdgpu\n", &info), -ENOENT);
}

static void damage_is_passed_over(void)
{
	struct fdinfo info = parse("drm-driver: a-very-long-name-that-does-not-fit-into-its-room\n"
				   "drm-memory-vram: lots\ndrm-memory-vram0: -4\n"
				   "drm-memory-vram1: 99999999999999999999999999 KiB\n"
				   "drm-memory-vram2: 18014398509481984 MiB\n"
				   "drm-client-id: none\ndrm-:\n:\n\n\tdrm-memory-vram: 7\n"
				   "drm-memory-vram3 5\ndrm-memory-vram4:6");
	CHECK_INT(strlen(info.driver), sizeof info.driver - 1);
	CHECK(!info.has_client);
	CHECK_INT(info.vram, 6);
}

int main(void)
{
	RUN(amdgpu_by_its_old_key);
	RUN(what_is_resident_goes_before_what_was_asked_for);
	RUN(regions_of_the_device_are_added);
	RUN(an_integrated_one_has_none);
	RUN(another_file_is_none);
	RUN(damage_is_passed_over);
	return DONE();
}
