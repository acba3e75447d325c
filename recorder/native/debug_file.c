#include "recorder/native/debug_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "recorder/native/opening.h"

enum { LONGEST = 4096, MOST_ID = 64 };

static size_t id_of_notes(Elf_Data *data, const uint8_t **id)
{
	GElf_Nhdr note;
	size_t name, text, at = 0, next;
	while (data && (next = gelf_getnote(data, at, &note, &name, &text)) > at) {
		if (note.n_type == NT_GNU_BUILD_ID && note.n_namesz == 4 &&
		    note.n_descsz <= MOST_ID && memcmp((char *)data->d_buf + name, "GNU", 4) == 0) {
			*id = (const uint8_t *)data->d_buf + text;
			return note.n_descsz;
		}
		at = next;
	}
	return 0;
}

size_t debug_file_id(Elf *elf, const uint8_t **id)
{
	GElf_Shdr head;
	for (Elf_Scn *at = NULL; (at = elf_nextscn(elf, at));) {
		if (!gelf_getshdr(at, &head) || head.sh_type != SHT_NOTE)
			continue;
		size_t n = id_of_notes(elf_getdata(at, NULL), id);
		if (n > 0)
			return n;
	}
	return 0;
}

static bool has_id(int fd, const uint8_t *id, size_t n)
{
	const uint8_t *is;
	Elf *elf = elf_begin(fd, ELF_C_READ_MMAP, NULL);
	bool same = elf && debug_file_id(elf, &is) == n && memcmp(is, id, n) == 0;
	elf_end(elf);
	return same;
}

/* CRC-32 as in zlib, by halves of bytes. */
static uint32_t checksum(int fd)
{
	static const uint32_t table[16] = {
		0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4,
		0x4db26158, 0x5005713c, 0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
		0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
	};
	static uint8_t block[64 << 10];
	uint32_t sum = 0xffffffff;
	off_t at = 0;
	ssize_t n;
	for (; (n = pread(fd, block, sizeof block, at)) > 0; at += n)
		for (ssize_t i = 0; i < n; i++) {
			sum = table[(sum ^ block[i]) & 15] ^ sum >> 4;
			sum = table[(sum ^ block[i] >> 4) & 15] ^ sum >> 4;
		}
	return ~sum;
}

/* What a file there must be like. */
struct wanted {
	const uint8_t *id;
	size_t n_id;
	uint32_t sum;
};

static int open_if(const struct wanted *is, pid_t pid, const char *path)
{
	int fd = opening_below(pid, path);
	if (fd < 0 && pid)
		fd = opening_below(0, path);
	if (fd < 0)
		return fd;
	if (is->n_id ? has_id(fd, is->id, is->n_id) : checksum(fd) == is->sum)
		return fd;
	close(fd);
	return -ENOENT;
}

static int open_by_id(const struct wanted *is, pid_t pid)
{
	char path[64 + 2 * MOST_ID] = "/usr/lib/debug/.build-id/";
	char *at = path + strlen(path);
	if (is->n_id < 2)
		return -ENOENT;
	at += sprintf(at, "%02x/", is->id[0]);
	for (size_t i = 1; i < is->n_id; i++)
		at += sprintf(at, "%02x", is->id[i]);
	strcpy(at, ".debug");
	return open_if(is, pid, path);
}

/* The name in .gnu_debuglink, and behind it the sum; NULL: there is none. */
static const char *link_of(Elf *elf, uint32_t *sum)
{
	size_t names;
	GElf_Shdr head;
	if (elf_getshdrstrndx(elf, &names) != 0)
		return NULL;
	for (Elf_Scn *at = NULL; (at = elf_nextscn(elf, at));) {
		const char *name =
			gelf_getshdr(at, &head) ? elf_strptr(elf, names, head.sh_name) : NULL;
		if (!name || strcmp(name, ".gnu_debuglink") != 0 || head.sh_type == SHT_NOBITS)
			continue;
		Elf_Data *data = elf_getdata(at, NULL);
		size_t n = data && data->d_buf ? strnlen(data->d_buf, data->d_size) : 0;
		if (n == 0 || n > 255 || ((n + 4) & ~(size_t)3) + 4 > data->d_size)
			return NULL;
		memcpy(sum, (char *)data->d_buf + ((n + 4) & ~(size_t)3), 4);
		return strchr(data->d_buf, '/') ? NULL : data->d_buf;
	}
	return NULL;
}

static int open_by_link(struct wanted *is, Elf *elf, pid_t pid, const char *path)
{
	static const char *const forms[] = { "%.*s/%s", "%.*s/.debug/%s", "/usr/lib/debug%.*s/%s",
					     NULL };
	char try[LONGEST];
	const char *name = link_of(elf, &is->sum), *slash = strrchr(path, '/');
	int fd = -ENOENT;
	for (const char *const *form = forms; name && slash && *form && fd < 0; form++)
		if (snprintf(try, sizeof try, *form, (int)(slash - path), path, name) <
		    (int)sizeof try)
			fd = open_if(is, pid, try);
	return fd;
}

int debug_file_open(Elf *elf, pid_t pid, const char *path)
{
	struct wanted is = { 0 };
	is.n_id = debug_file_id(elf, &is.id);
	int fd = open_by_id(&is, pid);
	return fd >= 0 ? fd : open_by_link(&is, elf, pid, path);
}
