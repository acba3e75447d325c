/* Where something is in a picture. */
#pragma once

struct raster_point {
	double x, y; /* pixels; (0, 0) is the top left corner of the first pixel, y down */
};

struct box {
	double x, y, w, h; /* pixels, from its top left corner */
};
