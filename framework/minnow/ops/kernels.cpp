#include <minnow/core/error.h>
#include <minnow/kernels/dispatch.h>
#include <minnow/ops/kernels.h>

#include <cstdlib>
#include <string>

namespace minnow::kernels {
namespace {

std::string names(Tables list) {
  std::string text;
  for (const Table* table : list) text += (text.empty() ? "" : ", ") + std::string(table->name);
  return text;
}

const Table& choose(const char* name) {
  if (name == nullptr || *name == '\0') return runnable()[0];
  const Table* table = find(built(), name);
  if (table == nullptr) fail("MINNOW_ISA=", name, ": no such instruction set, there are ", names(built()));
  if (!runs(*table)) fail("MINNOW_ISA=", name, ": this machine cannot run it, only ", names(runnable()));
  return *table;
}

}  // namespace

const Table& table() {
  static const Table& chosen = choose(std::getenv("MINNOW_ISA"));
  return chosen;
}

}  // namespace minnow::kernels
