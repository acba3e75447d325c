/* What a recording comes to: the highest that MEM's metric was, how that is known, and what it
 * certainly was not above. The closing words, the gate and the file all speak of it. */
#pragma once

struct recording;

/* Once all probes have concluded: from what they found to recording->peak. */
void verdict_reach(struct recording *recording);

/* Into the file, before EXIT, as META. */
void verdict_put(struct recording *recording);
