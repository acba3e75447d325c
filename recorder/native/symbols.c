#include "recorder/native/symbols.h"

#include <stdlib.h>
#include <string.h>

#include "share/array.h"

static void add(struct symbols *s, uint64_t start, uint64_t size, const char *name)
{
	struct symbol *made =
		s->n < SYMBOLS_MOST ? array_more(&s->items, &s->n, sizeof *made) : NULL;
	if (made)
		*made = (struct symbol){ start,
					 size && size <= UINT64_MAX - start ? start + size : 0,
					 name };
}

static bool is_code(const GElf_Sym *symbol)
{
	int type = GELF_ST_TYPE(symbol->st_info);
	return (type == STT_FUNC || type == STT_GNU_IFUNC || type == STT_NOTYPE) &&
	       symbol->st_shndx != SHN_UNDEF && symbol->st_value != 0;
}

static void add_table(struct symbols *s, Elf *elf, Elf_Scn *section, const GElf_Shdr *head)
{
	Elf_Data *data = elf_getdata(section, NULL);
	size_t n = data && head->sh_entsize ? data->d_size / head->sh_entsize : 0;
	GElf_Sym symbol;
	for (size_t i = 1; i < n && i <= SYMBOLS_MOST; i++) {
		if (!gelf_getsym(data, (int)i, &symbol) || !is_code(&symbol))
			continue;
		const char *name = elf_strptr(elf, head->sh_link, symbol.st_name);
		/* "$x": of the assembler, for who disassembles. */
		bool notype = GELF_ST_TYPE(symbol.st_info) == STT_NOTYPE;
		if (!name || !*name || (notype && (*name == '$' || symbol.st_size == 0)))
			continue;
		add(s, symbol.st_value, symbol.st_size, name);
		s->named += head->sh_type == SHT_SYMTAB;
	}
}

void symbols_add(struct symbols *s, Elf *elf)
{
	GElf_Shdr head;
	for (Elf_Scn *at = NULL; elf && (at = elf_nextscn(elf, at));)
		if (gelf_getshdr(at, &head) &&
		    (head.sh_type == SHT_SYMTAB || head.sh_type == SHT_DYNSYM))
			add_table(s, elf, at, &head);
}

static int32_t take(const uint8_t *at)
{
	int32_t value;
	return memcpy(&value, at, sizeof value), value;
}

/* The Linux Standard Base, "The .eh_frame_hdr section": version, three encodings, the place of
 * .eh_frame, how many, then pairs of offsets from its own beginning. */
static void add_starts(struct symbols *s, const uint8_t *table, size_t size, uint64_t address)
{
	static const uint8_t head[] = { 1, 0x1b, 0x03, 0x3b }; /* as every linker writes it */
	if (size < 12 || memcmp(table, head, sizeof head) != 0)
		return;
	size_t n = (uint32_t)take(table + 8), most = (size - 12) / 8;
	for (size_t i = 0; i < n && i < most; i++)
		add(s, address + (uint64_t)(int64_t)take(table + 12 + 8 * i), 0, NULL);
}

void symbols_add_bare(struct symbols *s, Elf *elf)
{
	size_t n;
	GElf_Phdr head;
	if (elf_getphdrnum(elf, &n) != 0)
		return;
	for (size_t i = 0; i < n; i++) {
		if (!gelf_getphdr(elf, (int)i, &head) || head.p_type != PT_GNU_EH_FRAME)
			continue;
		Elf_Data *data = elf_getdata_rawchunk(elf, (int64_t)head.p_offset, head.p_filesz,
						      ELF_T_BYTE);
		if (data && data->d_buf)
			add_starts(s, data->d_buf, data->d_size, head.p_vaddr);
	}
}

/* Of the same beginning the last one has the say: one with a name, a size, no underscore before. */
static int rank(const struct symbol *s)
{
	return s->name ? 1 + 2 * (s->end != 0) + (*s->name != '_') : 0;
}

static int compare(const void *a, const void *b)
{
	const struct symbol *one = a, *other = b;
	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return rank(one) - rank(other);
}

void symbols_complete(struct symbols *s)
{
	if (s->n > 0)
		qsort(s->items, s->n, sizeof *s->items, compare);
}

const struct symbol *symbols_at(const struct symbols *s, uint64_t address)
{
	enum { BACK = 32 }; /* one may lie inside of another */
	size_t low = 0, high = s->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (s->items[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	for (size_t i = low, tries = 0; i > 0 && tries < BACK; i--, tries++) {
		const struct symbol *is = &s->items[i - 1];
		if (is->end == 0 || is->end > address)
			return is;
	}
	return NULL;
}

void symbols_free(struct symbols *s)
{
	free(s->items);
	*s = (struct symbols){ 0 };
}
