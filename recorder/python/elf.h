/* Where a Python interpreter keeps its state, told by the file that it was made from. The file may
 * be anything: sizes and places in it are not believed. The format: elf(5). */
#pragma once

#include <stdint.h>

struct elf_python {
	uint64_t runtime;      /* address of _PyRuntime in the file's own terms */
	uint64_t version;      /* of Py_Version (3.11 and later); 0: not exported */
	uint64_t first_page;   /* of the file's lowest loaded byte: address, whole pages … */
	uint64_t first_offset; /* … and place in the file */
};

/* _PyRuntime among the dynamic symbols, else the section .PyRuntime. 0; -ENOENT: no Python in it;
 * -ENOEXEC: no file of this machine's kind; -errno of reading. */
int elf_find_python(int fd, struct elf_python *found);
