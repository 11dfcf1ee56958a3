#ifndef TERN_CYAML_SHIM_H
#define TERN_CYAML_SHIM_H

#include <yaml.h>

#endif
