#include "recorder/native/units.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorder/native/demangle.h"
#include "share/array.h"

enum { DEEPEST = 48, MOST_UNITS = 1 << 20, MOST_FUNCTIONS = 1 << 20 };

/* ---- the units ---- */

static int compare_units(const void *a, const void *b)
{
	const struct unit_range *one = a, *other = b;
	return (one->start > other->start) - (one->start < other->start);
}

static void add_ranges(struct units *u, Dwarf_Die *die, size_t unit)
{
	Dwarf_Addr base, start, end;
	for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;) {
		if (start == 0 || start >= end) /* what the linker left out begins at 0 */
			continue;
		struct unit_range *range = array_more(&u->ranges, &u->n, sizeof *range);
		if (!range)
			return;
		*range = (struct unit_range){ start, end, unit };
	}
}

void units_open(struct units *u, Dwarf *dwarf)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die die;
	uint8_t type;
	*u = (struct units){ .dwarf = dwarf };
	while (u->n_items < MOST_UNITS &&
	       dwarf_get_units(dwarf, cu, &cu, NULL, &type, &die, NULL) == 0) {
		if (type != DW_UT_compile && type != DW_UT_skeleton)
			continue;
		struct unit *unit = array_more(&u->items, &u->n_items, sizeof *unit);
		if (!unit)
			break;
		unit->offset = dwarf_dieoffset(&die);
		add_ranges(u, &die, u->n_items - 1);
	}
	if (u->n > 0)
		qsort(u->ranges, u->n, sizeof *u->ranges, compare_units);
}

void units_free(struct units *u)
{
	for (size_t i = 0; i < u->n_items; i++)
		free(u->items[i].functions);
	free(u->items);
	free(u->ranges);
	*u = (struct units){ 0 };
}

static struct unit *find_unit(const struct units *u, uint64_t address)
{
	size_t low = 0, high = u->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (u->ranges[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && u->ranges[low - 1].end > address ? &u->items[u->ranges[low - 1].unit]
							   : NULL;
}

/* ---- the functions of one ---- */

static int compare_functions(const void *a, const void *b)
{
	const struct function_range *one = a, *other = b;
	return (one->start > other->start) - (one->start < other->start);
}

static void add_function(struct unit *unit, Dwarf_Die *die)
{
	Dwarf_Addr base, start, end;
	for (ptrdiff_t at = 0; (at = dwarf_ranges(die, at, &base, &start, &end)) > 0;) {
		if (start == 0 || start >= end || unit->n >= MOST_FUNCTIONS)
			continue;
		struct function_range *made = array_more(&unit->functions, &unit->n, sizeof *made);
		if (!made)
			return;
		*made = (struct function_range){ start, end, dwarf_dieoffset(die) };
	}
}

static bool holds_functions(int tag)
{
	return tag == DW_TAG_namespace || tag == DW_TAG_module || tag == DW_TAG_class_type ||
	       tag == DW_TAG_structure_type || tag == DW_TAG_union_type ||
	       tag == DW_TAG_subprogram || tag == DW_TAG_lexical_block;
}

static void index_below(struct unit *unit, Dwarf_Die *parent, int depth)
{
	Dwarf_Die die;
	if (depth > DEEPEST || dwarf_child(parent, &die) != 0)
		return;
	do {
		int tag = dwarf_tag(&die);
		if (tag == DW_TAG_subprogram)
			add_function(unit, &die);
		if (holds_functions(tag))
			index_below(unit, &die, depth + 1);
	} while (dwarf_siblingof(&die, &die) == 0);
}

static void index_unit(struct unit *unit, Dwarf_Die *die)
{
	unit->indexed = true;
	index_below(unit, die, 0);
	if (unit->n > 0)
		qsort(unit->functions, unit->n, sizeof *unit->functions, compare_functions);
}

static const struct function_range *find_function(const struct unit *unit, uint64_t address)
{
	size_t low = 0, high = unit->n;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (unit->functions[middle].start <= address)
			low = middle + 1;
		else
			high = middle;
	}
	return low > 0 && unit->functions[low - 1].end > address ? &unit->functions[low - 1] : NULL;
}

/* ---- the chain of what was inlined ---- */

/* The one below that holds the address, through blocks. */
static bool find_inlined(Dwarf_Die *parent, uint64_t address, Dwarf_Die *found, int depth)
{
	Dwarf_Die die;
	if (depth > DEEPEST || dwarf_child(parent, &die) != 0)
		return false;
	do {
		int tag = dwarf_tag(&die);
		if (tag != DW_TAG_inlined_subroutine && tag != DW_TAG_lexical_block)
			continue;
		if (dwarf_haspc(&die, address) > 0) {
			if (tag == DW_TAG_inlined_subroutine)
				return *found = die, true;
			return find_inlined(&die, address, found, depth + 1);
		}
	} while (dwarf_siblingof(&die, &die) == 0);
	return false;
}

static const char *text_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

static char *function_of(Dwarf_Die *die)
{
	const char *linked = text_of(die, DW_AT_linkage_name);
	char *plain;
	if (!linked)
		linked = text_of(die, DW_AT_MIPS_linkage_name);
	if (linked && (plain = demangle(linked)))
		return plain;
	const char *name = text_of(die, DW_AT_name);
	return name || linked ? strdup(name ? name : linked) : NULL;
}

static uint64_t number_of(Dwarf_Die *die, unsigned name)
{
	Dwarf_Attribute attribute;
	Dwarf_Word value;
	if (dwarf_formudata(dwarf_attr(die, name, &attribute), &value) != 0)
		return 0;
	return value;
}

/* A relative one is so to where the compiler ran. */
static char *path_of(Dwarf_Die *unit, const char *path)
{
	char *whole;
	const char *folder = path && *path != '/' ? text_of(unit, DW_AT_comp_dir) : NULL;
	if (!folder || *folder != '/')
		return path ? strdup(path) : NULL;
	return asprintf(&whole, "%s/%s", folder, path) < 0 ? NULL : whole;
}

static void place_of_call(Dwarf_Die *unit, Dwarf_Die *inlined, struct scope *caller)
{
	Dwarf_Files *files;
	size_t n, file = number_of(inlined, DW_AT_call_file);
	if (dwarf_getsrcfiles(unit, &files, &n) == 0)
		caller->path = path_of(unit, dwarf_filesrc(files, file, NULL, NULL));
	caller->line = (int)number_of(inlined, DW_AT_call_line);
}

static void place_of(Dwarf_Die *unit, uint64_t address, struct scope *innermost)
{
	Dwarf_Line *line = dwarf_getsrc_die(unit, address);
	if (!line)
		return;
	innermost->path = path_of(unit, dwarf_linesrc(line, NULL, NULL));
	if (dwarf_lineno(line, &innermost->line) != 0)
		innermost->line = 0;
}

size_t units_scopes(struct units *u, uint64_t address, struct scope scopes[SCOPES_MOST])
{
	Dwarf_Die unit_die, dies[SCOPES_MOST];
	struct unit *unit = find_unit(u, address);
	if (!unit || !dwarf_offdie(u->dwarf, unit->offset, &unit_die))
		return 0;
	if (!unit->indexed)
		index_unit(unit, &unit_die);
	const struct function_range *function = find_function(unit, address);
	if (!function || !dwarf_offdie(u->dwarf, function->offset, &dies[0]))
		return 0;
	size_t n = 1;
	while (n < SCOPES_MOST && find_inlined(&dies[n - 1], address, &dies[n], 0))
		n++;
	for (size_t i = 0; i < n; i++) { /* dies: outermost first */
		struct scope *scope = &scopes[i];
		*scope = (struct scope){ .function = function_of(&dies[n - 1 - i]) };
		if (i == 0)
			place_of(&unit_die, address, scope);
		else
			place_of_call(&unit_die, &dies[n - i], scope);
	}
	return n;
}
