/* The closing words of a recording: one sentence of what was recorded. */
#pragma once

struct recording;

/* On a terminal, and in CI; elsewhere, and where it is not wanted, silent. */
void closing_say(struct recording *recording);
