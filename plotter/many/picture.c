#include "plotter/many/picture.h"

#include "plotter/many/bands.h"
#include "plotter/many/heat.h"
#include "plotter/many/many.h"
#include "plotter/many/title.h"

int many_chart(struct chart *chart, struct many *many)
{
	*chart = (struct chart){ .end = many->grid.to };
	int r = title_show(chart, many);
	if (r == 0)
		r = many->wish->heatmap ? heat_show(chart, many) : bands_show(chart, many);
	if (r < 0)
		chart_free(chart);
	return r;
}
