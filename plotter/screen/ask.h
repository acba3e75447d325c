/* Asks the terminal that this program stands in. */
#pragma once

#include "plotter/screen/answer.h"

/* Waits for the answer as long as `milliseconds`, and a little longer for the rest of one that has
 * begun. 0; -ETIMEDOUT: it is not whole; or it was not
 * asked: -ENOTTY (standard input and output are not one terminal), -EPERM (this program is in the
 * background), -EBUSY (something has been typed that is not ours to read). The input is left as
 * if nothing had been asked; but what is answered after that time stays in it, see below. */
int ask_terminal(struct answer *answer, int milliseconds);

/* After -ETIMEDOUT, and a while later, with that same answer: takes what has been answered since,
 * or is within so many milliseconds, out of the input. What comes later still is typed at whoever
 * reads then. */
void ask_again(struct answer *answer, int milliseconds);
