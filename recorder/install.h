#pragma once

#include "share/command.h"

extern const struct command command_install;
