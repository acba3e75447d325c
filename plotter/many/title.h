/* What stands over a picture of many, and how each of them is called. */
#pragma once

#include <stddef.h>

struct chart;
struct fleet_member;
struct many;

enum { MEMBER_NAME = 160 };

/* "rank 7", "rank 7, start 2", else its file's name. */
char *title_name(char out[MEMBER_NAME], const struct fleet_member *member);
/* "rank 7 on n3" */
char *title_place(char out[MEMBER_NAME], const struct fleet_member *member);
/* "exact peak 1.89 GiB", "peak at least …": of the whole recording, or in a window what is seen. */
char *title_peak(char out[MEMBER_NAME], const struct many *many, size_t member);
/* "SIGKILL at 40.0 s": how and when it ended. */
char *title_end(char out[MEMBER_NAME], const struct many *many, size_t member);

/* One sentence of what stands out, and a line of what all is. 0 or -ENOMEM. */
int title_show(struct chart *chart, const struct many *many);
