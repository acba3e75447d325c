/* The ELF finder: any file gives an answer, without a read beyond what there is. */
#include "recorder/python/elf.h"

#include <sys/mman.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct elf_python found;
	int fd = memfd_create("fuzz", MFD_CLOEXEC);
	if (fd >= 0 && write(fd, data, size) == (ssize_t)size) {
		int r = elf_find_python(fd, &(size_t){ 64 << 20 }, &found);
		PROMISE(r <= 0 && (r < 0 || found.runtime != 0));
	}
	if (fd >= 0)
		close(fd);
	return 0;
}
