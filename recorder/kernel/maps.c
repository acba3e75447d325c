#include "recorder/kernel/maps.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

bool maps_parse(char *line, struct maps_line *is)
{
	unsigned long low, high, offset, inode;
	unsigned major_number, minor_number;
	int n = 0;
	if (sscanf(line, "%lx-%lx %7s %lx %x:%x %lu %n", &low, &high, is->rights, &offset,
		   &major_number, &minor_number, &inode, &n) < 7 ||
	    n == 0 || strlen(is->rights) < 4)
		return false;
	line[strcspn(line, "\n")] = '\0';
	is->low = low;
	is->high = high;
	is->offset = offset;
	is->device = makedev(major_number, minor_number);
	is->inode = inode;
	is->path = line + n < line + strlen(line) ? line + n : "";
	return true;
}
