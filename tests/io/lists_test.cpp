#include "io/weights_support.h"

namespace {

using namespace minnow;
using test::expect_error;
using test::Folder;
using test::read_text;

TEST(Lists, AreReadAsPythonWritesAStateDict) {
  const WeightsFile file =
      read_text(R"({"fc.weight": [[0.10000000149011612, -1e-05], [1.0, 2.0]], "fc.bias": [0.5], "n": 468, "s": 2.5})");
  ASSERT_EQ(file.tensors.size(), 4u);
  EXPECT_EQ(file.tensors[0].name, "fc.weight");
  EXPECT_TENSOR_EQ(file.tensors[0].value, tensor({{0.1f, -1e-5f}, {1.0f, 2.0f}}));
  EXPECT_TENSOR_EQ(file.tensors[1].value, tensor({0.5f}));
  const std::int64_t count[] = {468};
  EXPECT_TENSOR_EQ(file.tensors[2].value, tensor(std::span(count), {}));
  EXPECT_TENSOR_EQ(file.tensors[3].value, tensor(2.5f));
}

TEST(Lists, OneFractionMakesATensorFloat) {
  EXPECT_TENSOR_EQ(*read_text(R"({"a": [1, -2, 3.5, 4]})").find("a"), tensor({1.0f, -2.0f, 3.5f, 4.0f}));
}

TEST(Lists, EmptyOnesAreFloat) {
  EXPECT_TENSOR_EQ(*read_text(R"({"a": []})").find("a"), empty({0}));
  EXPECT_TENSOR_EQ(*read_text(R"({"a": [[], []]})").find("a"), empty({2, 0}));
  EXPECT_TENSOR_EQ(*read_text(R"({"a": [[[]]]})").find("a"), empty({1, 1, 0}));
}

TEST(Lists, AStateDictMayHaveATensorCalledFormat) {
  EXPECT_TENSOR_EQ(*read_text(R"({"format": [1.5]})").find("format"), tensor({1.5f}));
}

TEST(Lists, RaggedOnesAreRefusedByName) {
  for (const char* lists : {"[[1, 2], [3]]", "[[1, 2], [3, 4, 5]]", "[1, [2]]", "[[1], 2]", "[[], [1]]", "[[1], []]",
                            "[[], [[]]]", "[[[1]], [1]]", "[[[1, 2]], [[1], [2]]]"}) {
    expect_error([&] { read_text(str("{\"fc.weight\": ", lists, '}')); }, "tensor \"fc.weight\": the lists are ragged");
  }
}

TEST(Lists, OtherThingsThanNumbersAreRefused) {
  for (const char* value : {"\"1\"", "null", "true", "{}", "[\"1\"]", "[null]", "[{}]", "[true]"}) {
    expect_error([&] { read_text(str("{\"a\": ", value, '}')); }, "does not belong here");
  }
  expect_error([] { read_text("[1]"); }, "does not belong here");
  expect_error([] { read_text(R"({"a": [NaN]})"); }, "tensor \"a\": NaN");
  expect_error([] { read_text(R"({"a": [[[[[[[[[1]]]]]]]]]})"); }, "more than 8 dimensions");
  expect_error([] { read_text(R"({"a": 1, "a": 1})"); }, "twice");
}

TEST(Lists, ComeBackToTheBit) {
  const Folder folder;
  const WeightsFile file = test::sample();
  write_weights(file, folder / "a.json", WeightsFormat::lists);
  test::expect_same_tensors(read_weights(folder / "a.json"), file);
}

TEST(Lists, ComeBackToTheBitForFloatsOfAnySize) {
  const Folder folder;
  Tensor values = empty({100, 1001});
  std::uint32_t bits = 12345;
  for (float& value : values.span()) {
    do bits = bits * 1664525u + 1013904223u;
    while ((bits >> 23 & 255u) == 255u);
    std::memcpy(&value, &bits, sizeof value);
  }
  write_weights({.tensors = {{"a", values}}}, folder / "a.json", WeightsFormat::lists);
  EXPECT_TENSOR_EQ(*read_weights(folder / "a.json").find("a"), values);
}

TEST(Lists, RefuseToWriteWhatTheyCannotSay) {
  const Folder folder;
  const auto write = [&](const Tensor& value) {
    write_weights({.tensors = {{"a", value}}}, folder / "a.json", WeightsFormat::lists);
  };
  expect_error([&] { write(tensor({1.0f, std::nanf("")})); }, "NaN");
  expect_error([&] { write(tensor(INFINITY)); }, "infinity");
  expect_error([&] { write(empty({0, 3})); }, "size of 0");
  expect_error([&] { write(empty({0}, DType::int64)); }, "integers");
  EXPECT_EQ(folder.size(), 0u);
}

}  // namespace
