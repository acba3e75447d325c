#include "recorder/python/binaries.h"

#include <stdlib.h>
#include <unistd.h>

#include "recorder/python/elf.h"
#include "recorder/python/functions.h"

/* The function that runs bytecode, by the name that every CPython since 3.6 exports. */
static const char LOOP[] = "_PyEval_EvalFrameDefault";

enum { MOST_BYTES = 1 << 20 }; /* read to find that */

static struct binary_file kept[BINARIES_MOST];
static size_t n_kept;
static uint64_t turn;

static void drop(struct binary_file *file)
{
	free(file->binary.functions);
	if (file->fd >= 0)
		close(file->fd);
	*file = (struct binary_file){ .fd = -1 };
}

struct binary_file *binaries_find(uint64_t device, uint64_t inode)
{
	for (size_t i = 0; i < n_kept; i++)
		if (kept[i].inode == inode && kept[i].device == device && kept[i].fd >= 0) {
			kept[i].used = ++turn;
			return &kept[i];
		}
	return NULL;
}

/* The one that was not used for the longest time makes room. */
static struct binary_file *place(void)
{
	struct binary_file *oldest = &kept[0];
	if (n_kept < BINARIES_MOST)
		return &kept[n_kept++];
	for (size_t i = 1; i < n_kept; i++)
		if (kept[i].used < oldest->used)
			oldest = &kept[i];
	drop(oldest);
	return oldest;
}

struct binary_file *binaries_add(uint64_t device, uint64_t inode, int fd)
{
	struct binary binary;
	size_t allowed = MOST_BYTES;
	if (binary_read(&binary, fd) < 0) {
		close(fd);
		return NULL;
	}
	functions_read(&binary, fd);
	struct binary_file *file = place();
	*file = (struct binary_file){ device, inode, fd, binary, 0, ++turn };
	file->evaluates = elf_symbol(&(struct elf_image){ .fd = fd, .allowed = &allowed }, LOOP);
	return file;
}

void binaries_forget(void)
{
	while (n_kept > 0)
		drop(&kept[--n_kept]);
}
