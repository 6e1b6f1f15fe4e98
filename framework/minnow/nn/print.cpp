#include <ostream>
#include <sstream>
#include <string>

#include <minnow/nn/module.h>

namespace minnow::nn {
namespace {

void print(std::ostream& out, const Module& module, const std::string& indent) {
  const std::string extra = module.extra_repr();
  const auto children = module.children();
  out << module.kind() << '(';
  if (children.empty()) {
    out << extra << ')';
    return;
  }
  const std::string inner = indent + "  ";
  if (!extra.empty()) out << '\n' << inner << extra;
  for (const NamedModule& child : children) {
    out << '\n' << inner << '(' << child.path << "): ";
    print(out, *child.module, inner);
  }
  out << '\n' << indent << ')';
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Module& module) {
  print(out, module, "");
  return out;
}

}  // namespace minnow::nn
