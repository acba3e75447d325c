#include "plotter/figure/theme.h"

#include <stddef.h>
#include <string.h>

const struct theme themes[] = {
	{
		.name = "light",
		.paper = 0xffffff,
		.ink = 0x1f2328,
		.muted = 0x656d76,
		.grid = 0xe6e9ed,
		.frame = 0xa8b0b9,
		.main = 0x0b5394,
		.peak = 0xc4341c,
		.series = { 0xe69f00, 0x009e73, 0xcc79a7, 0x56b4e9, 0xd55e00, 0x8a6fb0, 0x7f8c3a,
			    0x5f6b7a },
		.classes = { 0x56b4e9, 0x8a6fb0, 0xcc79a7, 0x2a9d9a, 0x009e73, 0xb8bec6, 0xa6761d,
			     0x7f8c3a, 0xc9b27c },
	},
	{
		.name = "dark",
		.paper = 0x14181d,
		.ink = 0xe6e9ed,
		.muted = 0x98a2ad,
		.grid = 0x2a3038,
		.frame = 0x59636e,
		.main = 0x6cb6ff,
		.peak = 0xff8166,
		.series = { 0xf0b429, 0x35c795, 0xe29bc4, 0x86cdf4, 0xff9a4d, 0xb59ade, 0xb4c465,
			    0x9fb0c2 },
		.classes = { 0x86cdf4, 0xb59ade, 0xe29bc4, 0x4fc9c2, 0x35c795, 0x6d7681, 0xc89b4a,
			     0xb4c465, 0x8f7f55 },
	},
	{ 0 },
};

const struct theme *theme_find(const char *name)
{
	for (const struct theme *t = themes; t->name; t++)
		if (strcmp(t->name, name) == 0)
			return t;
	return NULL;
}
