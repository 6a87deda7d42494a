#pragma once

// The code of a domain as a script engine takes it.

#include <vector>

#include "domain/domain_package.h"
#include "script/script_module.h"

namespace nexus::domain {

// Every file of it that a module could import.
std::vector<script::ModuleFile> ModulesOf(const DomainPackage& package);

}  // namespace nexus::domain
