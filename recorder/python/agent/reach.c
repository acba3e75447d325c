#include "recorder/python/agent/reach.h"

#include <stddef.h>

#include "recorder/python/agent/objects.h"

/* Attributes are looked up without the object's own say (object.__getattribute__), so that one that
 * answers to every name is not taken for a wrapper. Of a wrapper the innermost function counts; its
 * own code only where nothing is found inside. Of a class its own methods count that stand in its
 * module's file; what dataclasses and attrs generate does not. What singledispatch is given later
 * is found when it dispatches next. */
static const char source[] =
	"import functools, sys, types\n"
	"PARTS = ('__wrapped__', '__func__', 'func', 'fget', 'fset', 'fdel', 'dispatcher',\n"
	"         '_partialmethod', '__partialmethod__')\n"
	"Function, Proxy = types.FunctionType, types.MappingProxyType\n"
	"registries = []\n"
	"def part(thing, name):\n"
	"    try:\n"
	"        return object.__getattribute__(thing, name)\n"
	"    except Exception:\n"
	"        return None\n"
	"def belongs(function, cls):\n"
	"    home = getattr(sys.modules.get(cls.__module__), '__file__', None)\n"
	"    generated = home and function.__code__.co_filename[:1] == '<'\n"
	"    return function.__module__ == cls.__module__ and not generated\n"
	"class Search:\n"
	"    def __init__(self):\n"
	"        self.functions, self.codes, self.known, self.kept = {}, {}, {}, []\n"
	"    def look(self, thing, cls=None, depth=0):\n"
	"        if thing is None or depth > 60 or len(self.known) > 20000:\n"
	"            return False\n"
	"        if id(thing) not in self.known:\n"
	"            self.kept.append(thing)\n"
	"            self.known[id(thing)] = False\n"
	"            self.known[id(thing)] = self.inside(thing, cls, depth + 1)\n"
	"        return self.known[id(thing)]\n"
	"    def inside(self, thing, cls, depth):\n"
	"        if issubclass(type(thing), type):\n"
	"            return self.in_class(thing, cls, depth)\n"
	"        parts = [part(thing, name) for name in PARTS]\n"
	"        if any([self.look(p, cls, depth) for p in parts]) | self.registered(thing, cls, "
	"depth):\n"
	"            return True\n"
	"        if type(thing) is Function:\n"
	"            return self.add(thing, cls)\n"
	"        return cls is None and self.in_object(thing, depth)\n"
	"    def add(self, function, cls):\n"
	"        if cls is not None and not belongs(function, cls):\n"
	"            return False\n"
	"        self.functions[function.__code__] = function\n"
	"        return True\n"
	"    def registered(self, thing, cls, depth):\n"
	"        registry, dispatch = part(thing, 'registry'), part(thing, 'dispatch')\n"
	"        if type(registry) is not Proxy or type(dispatch) is not Function:\n"
	"            return False\n"
	"        self.codes[dispatch.__code__] = dispatch.__code__\n"
	"        registries.append([registry, len(registry)])\n"
	"        return any([self.look(f, cls, depth) for f in list(registry.values())])\n"
	"    def in_class(self, cls, outer, depth):\n"
	"        if outer is not None and (cls.__module__ != outer.__module__ or\n"
	"                                  not cls.__qualname__.startswith(outer.__qualname__ + "
	"'.')):\n"
	"            return False\n"
	"        return any([self.look(v, cls, depth) for v in list(vars(cls).values())])\n"
	"    def in_object(self, thing, depth):\n"
	"        own = part(thing, '__dict__')\n"
	"        values = list(own.values()) if type(own) is dict else []\n"
	"        functions = [v for v in values if type(v) in (Function, types.MethodType)]\n"
	"        call = [c for c in [type.__getattribute__(type(thing), '__call__')]\n"
	"                if type(c) is Function] if callable(thing) else []\n"
	"        return callable(thing) and any([self.look(f, None, depth) for f in functions or "
	"call])\n"
	"def reach(thing):\n"
	"    search = Search()\n"
	"    search.look(thing)\n"
	"    return (*search.functions.values(), *search.codes.values())\n"
	"def more():\n"
	"    search = Search()\n"
	"    for known in registries:\n"
	"        if len(known[0]) != known[1]:\n"
	"            known[1] = len(known[0])\n"
	"            for function in list(known[0].values()):\n"
	"                search.look(function)\n"
	"    return tuple(search.functions.values())\n"
	"def name(thing):\n"
	"    inner = part(thing, 'func') or part(thing, '__wrapped__')\n"
	"    own = part(thing, '__qualname__') or part(thing, '__name__')\n"
	"    if not isinstance(own, str):\n"
	"        own = type(thing).__qualname__\n"
	"        return own + ' of ' + name(inner) if inner is not None else own\n"
	"    module = part(thing, '__module__')\n"
	"    named = isinstance(module, str) and module != 'builtins'\n"
	"    return module + '.' + own if named else own\n";

static PyObject *globals;

static PyObject *function_named(const char *name)
{
	if (!globals && (globals = PyDict_New())) {
		PyObject *builtins = PyImport_ImportModule("builtins");
		PyObject *code = Py_CompileString(source, "<mprof-c>", PY_FILE_INPUT);
		if (builtins && code) {
			PyDict_SetItemString(globals, "__builtins__", builtins);
			PyEval_EvalCode(code, globals, globals);
		}
	}
	PyErr_Clear();
	return globals ? PyDict_GetItemString(globals, name) : NULL;
}

static PyObject *ask(const char *name, PyObject *object)
{
	PyObject *function = function_named(name), *answer = NULL;
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
