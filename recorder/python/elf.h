/* Where a Python interpreter keeps its state, told by the program or library that it is part of: by
 * its file, or where nobody can open that any more, by its image in the process. Either may be
 * anything: sizes and places in it are not believed. The format: elf(5), and for the table of
 * hashes of names the Linux Standard Base. */
#pragma once

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct elf_image {
	int fd;          /* its file; -1: only the process has it */
	pid_t pid;       /* the process … */
	uint64_t base;   /* … in which the first byte of the file is mapped here */
	size_t *allowed; /* how many bytes may be read, of this image and of those looked into after
			    it */
};

/* Addresses are the file's own. */
struct elf_python {
	uint64_t runtime;    /* of _PyRuntime */
	uint64_t version;    /* of Py_Version (3.11 and later); 0: not exported */
	int likely_version;  /* 0x030a, by what else is exported; 0: not known */
	uint64_t first_page; /* of its lowest loaded byte, in whole pages */
};

/* _PyRuntime among the exported names, else the section .PyRuntime, else, where no sections are
 * told, the mark with which it begins since 3.13. 0; -ENOENT: no Python in it, or none within so
 * many bytes; -ENOEXEC: nothing of this machine's kind; -errno of reading. */
int elf_find_python(const struct elf_image *image, struct elf_python *found);

/* The address of what is exported by that name; 0: there is none, or none within so many bytes. */
uint64_t elf_symbol(const struct elf_image *image, const char *name);

/* Is that the beginning of a file of this machine's word and order of bytes? */
bool elf_is_ours(const Elf64_Ehdr *head);
