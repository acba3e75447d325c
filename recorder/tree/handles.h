/* What is held open of a member: its figure, its high-water mark, the list of its children. */
#pragma once

struct family;
struct member;

int handles_open(struct family *family, struct member *member); /* 0 or -errno */

/* Its page tables may be closed to us (it is setuid, or calls itself not dumpable): its resident
 * set is still readable. 0 or -errno. */
int handles_fall_back(struct family *family, struct member *member);

/* All but the list of its children, which tells when its pid is free. */
void handles_close_figures(struct member *member);
void handles_close(struct member *member);
