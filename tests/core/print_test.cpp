#include <sstream>
#include <string>

#include "support.h"

namespace minnow {
namespace {

std::string printed(const Tensor& tensor) {
  std::ostringstream out;
  out << tensor;
  return out.str();
}

TEST(Print, WritesTensorsAsTorchDoesToTheCharacter) {
  const nlohmann::json cases = test::golden("print.json");
  EXPECT_GE(cases.size(), 30u);
  for (const auto& [name, entry] : cases.items()) {
    EXPECT_EQ(printed(test::tensor_of(entry["tensor"])), entry["text"].get<std::string>()) << name;
  }
}

TEST(Print, NeverThrowsForTensorsWithoutElementsToShow) {
  EXPECT_EQ(printed(Tensor()), "tensor(undefined)");
  EXPECT_EQ(printed(Tensor(Shape{1, 3}, DType::float32, std::shared_ptr<Symbol>())),
            "tensor(symbolic, size=(1, 3), dtype=torch.float32)");
}

TEST(Print, DoesNotDependOnTheStreamsFormat) {
  std::ostringstream out;
  out.precision(1);
  out << std::scientific << std::hex << tensor({1.25f, 16.0f});
  EXPECT_EQ(out.str(), "tensor([ 1.2500, 16.0000])");
}

}  // namespace
}  // namespace minnow
