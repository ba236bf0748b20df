// SPDX-License-Identifier: MIT
#include "top-history.h"

void history_add(struct history *history, uint64_t value)
{
	history->value[history->next] = value;
	history->next = (history->next + 1) % HISTORY_LENGTH;
	if (history->count < HISTORY_LENGTH)
		history->count++;
}

static uint64_t at_age(const struct history *history, size_t age)
{
	return history->value[(history->next + HISTORY_LENGTH - 1 - age) % HISTORY_LENGTH];
}

/* The next quarter of a power of two, so that the scale rarely changes. */
static uint64_t round_up(uint64_t value)
{
	uint64_t step = 1;

	if (value < 4)
		return 4;
	while (value / step >= 8)
		step *= 2;
	return value > UINT64_MAX - step ? UINT64_MAX : (value + step - 1) / step * step;
}

uint64_t history_ceiling(const struct history *history, size_t values)
{
	uint64_t most = 0;

	for (size_t age = 0; age < values && age < history->count; age++)
		if (most < at_age(history, age))
			most = at_age(history, age);
	return round_up(most);
}

unsigned int history_height(const struct history *history, size_t age,
			    uint64_t ceiling, unsigned int steps)
{
	uint64_t value = age < history->count ? at_age(history, age) : 0;
	unsigned int height;

	height = (unsigned int)(((unsigned __int128)value * steps + ceiling / 2) / ceiling);
	return value && !height ? 1 : height;
}
