/* What the agents have noted for the user, as sentences: what could not be seen, and why. */
#pragma once

struct agent_shared;
struct agent_wish;

void notes_say(const struct agent_shared *shared);

/* The same of what was looked for without being asked for, of a program that has failed. */
void notes_say_card(const struct agent_shared *shared);

/* Where nothing of what was asked for was there to be looked at. */
void notes_say_unmatched(const struct agent_wish *wish, const struct agent_shared *shared);
