/* Where a Python interpreter keeps its state, told by the file that it was made from. The file may
 * be anything: sizes and places in it are not believed. The format: elf(5). */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct elf_python {
	uint64_t runtime;      /* address of _PyRuntime in the file's own terms */
	uint64_t version;      /* of Py_Version (3.11 and later); 0: not exported */
	uint64_t first_page;   /* of the file's lowest loaded byte: address, whole pages … */
	uint64_t first_offset; /* … and place in the file */
};

/* _PyRuntime among the dynamic symbols, else the section .PyRuntime. *allowed is how many bytes may
 * be read, of this file and of those looked into after it, since tables can name one another's
 * place a thousand times over. 0; -ENOENT: no Python in it, or none within so many bytes; -ENOEXEC:
 * no file of this machine's kind; -errno of reading. */
int elf_find_python(int fd, size_t *allowed, struct elf_python *found);
