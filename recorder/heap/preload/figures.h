/* What the allocators say of themselves, where the recorder wants to know. */
#pragma once

/* In whichever thread comes along, outside of every allocator and with the lock not held. */
void figures_answer(void);

void figures_forked(void);
