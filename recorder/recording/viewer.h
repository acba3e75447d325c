/* --live: whoever asks for it looks on while it is recorded, by mprof-c live, which reads the file
 * as anybody may. The program is never to notice: it keeps its terminal for itself. */
#pragma once

struct recording;

/* Before the program is started: a pane of tmux, else a window of a terminal. Where there is
 * neither, one line on our terminal if all that the program prints goes elsewhere, until
 * viewer_wait; else it is said how to look on. */
void viewer_open_elsewhere(struct recording *recording);

/* Of a program that writes elsewhere: our own terminal, until viewer_wait. */
void viewer_open_here(struct recording *recording);

/* When the file is whole: until whoever looks on leaves, or we are told to end. */
void viewer_wait(struct recording *recording);
