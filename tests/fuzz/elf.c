/* The ELF finder: any file, and any image in memory, gives an answer, without a read beyond what
 * there is. */
#include "recorder/python/elf.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

static void look_into(int fd, const uint8_t *data)
{
	struct elf_python found;
	size_t allowed = 64 << 20;
	const struct elf_image image = { fd, getpid(), (uint64_t)(uintptr_t)data, &allowed };
	int r = elf_find_python(&image, &found);
	PROMISE(r <= 0 && (r < 0 || found.runtime != 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, data, size) == (ssize_t)size)
		look_into(fd, data);
	if (fd >= 0)
		close(fd);
	look_into(-1, data);
	return 0;
}
