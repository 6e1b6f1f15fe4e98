#pragma once

#include <functional>

namespace minnow::test {

#ifndef MINNOW_SANITIZED  // sanitizers bring an operator new of their own
/// How often `function` calls operator new, on any thread. A tensor does twice at least, whatever its size.
int allocations(const std::function<void()>& function);
#endif

}  // namespace minnow::test
