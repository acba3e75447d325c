#include "recorder/python/agent/reach.h"

#include <stddef.h>

#include "recorder/python/agent/objects.h"

/* Attributes are looked up without the object's own say (object.__getattribute__), so that one that
 * answers to every name is not taken for a wrapper. Of a wrapper the innermost function counts; its
 * own code only where nothing is found inside. A wrapper that does not tell what it wraps has it in
 * its closure: where that is the function below the very line of the decorator, or the class's own
 * method, it counts. A function that only calls itself after another (functools.wraps) stands at
 * the decorator's own line, and counts as well. Of a class its own methods count that stand in its
 * module's file; what dataclasses and attrs generate does not. What singledispatch is given later
 * is found when it dispatches next. */
static const char help_source[] =
	"import sys, types\n"
	"PARTS = ('__wrapped__', '__func__', 'func', 'fget', 'fset', 'fdel',\n"
	"         'dispatcher', '_partialmethod', '__partialmethod__')\n"
	"Function = types.FunctionType\n"
	"registries = []\n"
	"def part(thing, name):\n"
	"    try:\n"
	"        return object.__getattribute__(thing, name)\n"
	"    except Exception:\n"
	"        return None\n"
	"def belongs(function, cls):\n"
	"    module = sys.modules.get(cls.__module__)\n"
	"    home = getattr(module, '__file__', None)\n"
	"    generated = home and function.__code__.co_filename[:1] == '<'\n"
	"    return function.__module__ == cls.__module__ and not generated\n"
	"def is_inside(function, cls):\n"
	"    return function.__qualname__.startswith(cls.__qualname__ + '.')\n"
	"def in_type(kind, name):\n"
	"    for base in type.__getattribute__(kind, '__mro__'):\n"
	"        if name in base.__dict__:\n"
	"            return base.__dict__[name]\n"
	"def kept(thing):\n"
	"    own, slots = part(thing, '__dict__'), []\n"
	"    for base in type.__getattribute__(type(thing), '__mro__'):\n"
	"        names = base.__dict__.get('__slots__', ())\n"
	"        slots += [names] if isinstance(names, str) else list(names)\n"
	"    values = list(own.values()) if type(own) is dict else []\n"
	"    return values + [part(thing, name) for name in slots]\n"
	"def last_line(code):\n"
	"    if hasattr(code, 'co_lines'):\n"
	"        return max([line or 0 for _, _, line in code.co_lines()])\n"
	"    line = last = code.co_firstlineno\n"
	"    for step in code.co_lnotab[1::2]:\n"
	"        line += step - 256 * (step > 127)\n"
	"        last = max(last, line)\n"
	"    return last\n"
	"def name(thing):\n"
	"    inner = part(thing, 'func') or part(thing, '__wrapped__')\n"
	"    own = part(thing, '__qualname__') or part(thing, '__name__')\n"
	"    if not isinstance(own, str):\n"
	"        own = type(thing).__qualname__\n"
	"        return own if inner is None else own + ' of ' + name(inner)\n"
	"    module = part(thing, '__module__')\n"
	"    named = isinstance(module, str) and module != 'builtins'\n"
	"    return module + '.' + own if named else own\n";

static const char search_source[] =
	"class Search:\n"
	"    def __init__(self):\n"
	"        self.functions, self.codes = {}, {}\n"
	"        self.known, self.kept = {}, []\n"
	"        frame = sys._getframe()\n"
	"        while frame and frame.f_code.co_filename == '<mprof-c>':\n"
	"            frame = frame.f_back\n"
	"        self.file = frame and frame.f_code.co_filename\n"
	"        self.line = frame and frame.f_lineno\n"
	"    def look(self, thing, cls=None, depth=0):\n"
	"        if thing is None or depth > 60 or len(self.known) > 20000:\n"
	"            return False\n"
	"        if id(thing) not in self.known:\n"
	"            self.kept.append(thing)\n"
	"            self.known[id(thing)] = False\n"
	"            self.known[id(thing)] = self.inside(thing, cls, depth + 1)\n"
	"        return self.known[id(thing)]\n"
	"    def look_all(self, things, cls, depth):\n"
	"        return any([self.look(thing, cls, depth) for thing in things])\n"
	"    def inside(self, thing, cls, depth):\n"
	"        if issubclass(type(thing), type):\n"
	"            return self.in_class(thing, cls, depth)\n"
	"        parts = [part(thing, name) for name in PARTS]\n"
	"        found = self.look_all(parts, cls, depth)\n"
	"        if self.in_registry(thing, cls, depth) or found:\n"
	"            self.take_here(thing, cls)\n"
	"            return True\n"
	"        if type(thing) is Function:\n"
	"            return self.in_function(thing, cls, depth)\n"
	"        return self.in_object(thing, cls, depth)\n"
	"    def take_here(self, thing, cls):\n"
	"        if type(thing) is Function and cls is None and self.is_here(thing, cls):\n"
	"            self.functions[thing.__code__] = thing\n"
	"    def in_function(self, function, cls, depth):\n"
	"        below = self.below(function, cls, 20)\n"
	"        if below:\n"
	"            return self.look(below, cls, depth)\n"
	"        if cls is not None and not belongs(function, cls):\n"
	"            return False\n"
	"        self.functions[function.__code__] = function\n"
	"        return True\n"
	"    def below(self, function, cls, deepest):\n"
	"        for cell in function.__closure__ or ():\n"
	"            inner = part(cell, 'cell_contents')\n"
	"            if type(inner) is not Function or deepest == 0:\n"
	"                continue\n"
	"            if not self.is_here(inner, cls):\n"
	"                inner = self.below(inner, cls, deepest - 1)\n"
	"            if inner:\n"
	"                return inner\n"
	"    def is_here(self, function, cls):\n"
	"        code = function.__code__\n"
	"        if cls is not None:\n"
	"            return is_inside(function, cls) and belongs(function, cls)\n"
	"        return (code.co_filename == self.file and\n"
	"                code.co_firstlineno <= self.line <= last_line(code))\n"
	"    def in_registry(self, thing, cls, depth):\n"
	"        registry = part(thing, 'registry')\n"
	"        dispatch = part(thing, 'dispatch')\n"
	"        if (type(registry) is not types.MappingProxyType or\n"
	"                type(dispatch) is not Function):\n"
	"            return False\n"
	"        self.codes[dispatch.__code__] = dispatch.__code__\n"
	"        registries.append([registry, len(registry)])\n"
	"        return self.look_all(list(registry.values()), cls, depth)\n"
	"    def in_class(self, cls, outer, depth):\n"
	"        if outer is not None and not (\n"
	"                cls.__module__ == outer.__module__ and is_inside(cls, outer)):\n"
	"            return False\n"
	"        return self.look_all(list(vars(cls).values()), cls, depth)\n"
	"    def in_object(self, thing, cls, depth):\n"
	"        kind = type(thing)\n"
	"        if not callable(thing) and not in_type(kind, '__get__'):\n"
	"            return False\n"
	"        kinds = Function, types.MethodType\n"
	"        functions = [v for v in kept(thing) if type(v) in kinds]\n"
	"        call = in_type(kind, '__call__')\n"
	"        if cls is not None:\n"
	"            functions = [f for f in functions if type(f) is Function and is_inside(f, "
	"cls)]\n"
	"        elif not functions and type(call) is Function:\n"
	"            functions = [call]\n"
	"        return self.look_all(functions, cls, depth)\n";

static const char ask_source[] = "def reach(thing):\n"
				 "    search = Search()\n"
				 "    search.look(thing)\n"
				 "    return (*search.functions.values(), *search.codes.values())\n"
				 "def more():\n"
				 "    search = Search()\n"
				 "    for known in registries:\n"
				 "        if len(known[0]) != known[1]:\n"
				 "            known[1] = len(known[0])\n"
				 "            search.look_all(list(known[0].values()), None, 0)\n"
				 "    return tuple(search.functions.values())\n";

static PyObject *globals;

static void run(const char *source)
{
	PyObject *code = Py_CompileString(source, "<mprof-c>", PY_FILE_INPUT);
	PyObject *done = code ? PyEval_EvalCode(code, globals, globals) : NULL;
	if (done)
		Py_DecRef(done);
	if (code)
		Py_DecRef(code);
	PyErr_Clear();
}

static void load(void)
{
	PyObject *builtins = PyImport_ImportModule("builtins");
	globals = PyDict_New();
	if (!globals || !builtins)
		return;
	PyDict_SetItemString(globals, "__builtins__", builtins);
	run(help_source);
	run(search_source);
	run(ask_source);
	Py_DecRef(builtins);
}

static PyObject *ask(const char *name, PyObject *object)
{
	if (!globals)
		load();
	PyObject *function = globals ? PyDict_GetItemString(globals, name) : NULL, *answer = NULL;
	if (function)
		answer = object ? PyObject_CallFunction(function, "(O)", object)
				: PyObject_CallObject(function, NULL);
	PyErr_Clear();
	return answer;
}

PyObject *reach_functions(PyObject *object)
{
	return ask("reach", object);
}

PyObject *reach_more(void)
{
	return ask("more", NULL);
}

char *reach_name(PyObject *object)
{
	PyObject *name = ask("name", object);
	char *text = name ? text_of(name) : NULL;
	if (name)
		Py_DecRef(name);
	PyErr_Clear();
	return text;
}
