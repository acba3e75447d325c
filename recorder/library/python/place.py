"""place.py PREFIX: where below PREFIX this Python looks for modules, or nothing."""
import os
import site
import sys

folders = site.getsitepackages() + ([site.getusersitepackages()] if site.ENABLE_USER_SITE else [])
for folder in folders if sys.version_info >= (3, 8) else []:
    beneath = os.path.relpath(folder, sys.argv[1])
    if beneath.startswith("lib"):  # neither ../lib, nor local/lib, which is another prefix
        print(os.path.join(sys.argv[1], beneath))
        break
