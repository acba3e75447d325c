/* What code the program begins with, told to the recorder: a program that has ended before anybody
 * looks has no maps any more. */
#pragma once

void extents_tell(void);
