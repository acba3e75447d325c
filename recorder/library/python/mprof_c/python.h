/* Python as one binary for every CPython from 3.8 sees it: the stable ABI. */
#pragma once

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x03080000
#include <Python.h>
