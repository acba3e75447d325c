#include "plotter/chart/chart.h"

#include <stdlib.h>

void chart_free(struct chart *chart)
{
	for (size_t i = 0; i < chart->n_curves; i++)
		free(chart->curves[i].points);
	for (size_t i = 0; i < chart->n_notes; i++) {
		free(chart->notes[i].label);
		free(chart->notes[i].place);
	}
	for (size_t i = 0; i < chart->n_rows; i++) {
		free(chart->rows[i].label);
		free(chart->rows[i].detail);
	}
	for (size_t i = 0; i < chart->n_bands; i++)
		free(chart->bands[i].points);
	for (size_t i = 0; i < chart->n_limits; i++)
		free(chart->limits[i].label);
	free(chart->curves);
	free(chart->bands);
	free(chart->limits);
	free(chart->marks);
	free(chart->below.ticks);
	free(chart->notes);
	free(chart->rows);
	free(chart->spans);
	free(chart->x.ticks);
	free(chart->y.ticks);
	free(chart->title);
	free(chart->subtitle);
	free(chart->failure);
	free(chart->heat.levels);
	*chart = (struct chart){ 0 };
}
