#include <gmock/gmock.h>

#include <minnow/io/tensors.h>

#include "support.h"
#include "tools/python.h"

// From PyTorch to Minnow: tools/export_weights.py, and what weights/README.md tells those who write a file themselves.

namespace minnow::test {
namespace {

using testing::HasSubstr, testing::IsEmpty;

Outcome export_weights(const std::string& arguments) {
  return shell(MINNOW_SOURCE_DIR "/tools/export_weights.py " + arguments);
}

// Makes a checkpoint, argv[2], of the file in Minnow's format, argv[1], as a training under DataParallel leaves it.
constexpr const char* kTrained = R"(
import base64, json, sys
import numpy, torch

def tensor(entry):
    data = b"".join(map(base64.b64decode, entry["data"]))
    return torch.from_numpy(numpy.frombuffer(data, entry["dtype"]).reshape(entry["shape"]).copy())

tensors = json.load(open(sys.argv[1]))["tensors"]
state = {"module." + name: tensor(entry) for name, entry in tensors.items()}
torch.save({"epoch": 24, "state_dict": state}, sys.argv[2])
)";

void expect_the_shipped_tensors(const std::string& path) {
  const WeightsFile expected = read_weights(shipped_weights), actual = read_weights(path);
  ASSERT_EQ(actual.tensors.size(), expected.tensors.size());
  for (std::size_t i = 0; i < expected.tensors.size(); ++i) {
    EXPECT_EQ(actual.tensors[i].name, expected.tensors[i].name);
    EXPECT_TENSOR_EQ(actual.tensors[i].value, expected.tensors[i].value) << expected.tensors[i].name;
  }
}

TEST(ExportWeights, ATrainedCheckpointClassifiesAsItDid) {
  if (!python_imports("torch, numpy")) GTEST_SKIP() << "no PyTorch under " << python;
  const Scratch scratch;
  const std::string checkpoint = scratch.file("net.pth"), exported = scratch.file("net.json");
  ASSERT_EQ(run_python(kTrained, shipped_weights + ' ' + checkpoint).code, 0);
  const Outcome result =
      export_weights(checkpoint + ' ' + exported +
                     " --model resnet20 --option num_classes=10 --resize 32 --crop 32 --mean 0.4914 0.4822 0.4465"
                     " --std 0.2470 0.2435 0.2616 --labels airplane automobile bird cat deer dog frog horse ship truck "
                     "--data CIFAR-10");
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_THAT(result.out + result.err, IsEmpty());
  expect_the_shipped_tensors(exported);
  const WeightsFile file = read_weights(exported), shipped = read_weights(shipped_weights);
  EXPECT_EQ(file.model, "resnet20");
  EXPECT_EQ(file.options, shipped.options);
  EXPECT_EQ(file.preset, shipped.preset);
  EXPECT_EQ(file.labels, shipped.labels);
  EXPECT_EQ(file.provenance.at("data"), "CIFAR-10");
  EXPECT_THAT(minnow("summary " + exported).out, HasSubstr("input [1, 3, 32, 32]"));
  EXPECT_THAT(minnow("classify --weights " + exported + ' ' + pictures + "/truck.jpg").out, HasSubstr(" %  truck\n"));
}

TEST(ExportWeights, SafetensorsKeepTheirBits) {
  if (!python_imports("torch, numpy")) GTEST_SKIP() << "no PyTorch under " << python;
  const Scratch scratch;
  const std::string tensors = scratch.file("net.safetensors"), exported = scratch.file("net.json");
  ASSERT_EQ(minnow("convert " + shipped_weights + ' ' + tensors).code, 0);
  const Outcome result = export_weights(tensors + ' ' + exported);
  EXPECT_EQ(result.code, 0) << result.err;
  expect_the_shipped_tensors(exported);
  EXPECT_THAT(read_weights(exported).model, IsEmpty());
}

TEST(ExportWeights, EveryDtypeBecomesFloat32OrInt64) {
  if (!python_imports("torch, numpy")) GTEST_SKIP() << "no PyTorch under " << python;
  const Scratch scratch;
  const std::string checkpoint = scratch.file("dtypes.pth"), exported = scratch.file("dtypes.json");
  ASSERT_EQ(run_python(R"(
import sys, torch
torch.save({"half": torch.tensor([[1.5, -2]]).half(), "double": torch.tensor([0.1, float("nan")]).double(),
            "transposed": torch.tensor([[1., 2], [3, 4]]).t(), "bool": torch.tensor([True, False]),
            "counter": torch.tensor(-7, dtype=torch.int32), "empty": torch.empty(0, 3), "epoch": 3}, sys.argv[1])
)",
                       checkpoint)
                .code,
            0);
  const Outcome result = export_weights(checkpoint + ' ' + exported);
  ASSERT_EQ(result.code, 0) << result.err;
  const WeightsFile file = read_weights(exported);
  EXPECT_EQ(file.tensors.size(), 6u);
  EXPECT_TENSOR_EQ(*file.find("half"), tensor({{1.5f, -2.0f}}));
  EXPECT_TENSOR_EQ(*file.find("double"), tensor({0.1f, std::numeric_limits<float>::quiet_NaN()}));
  EXPECT_TENSOR_EQ(*file.find("transposed"), tensor({{1.0f, 3.0f}, {2.0f, 4.0f}}));
  EXPECT_TENSOR_EQ(*file.find("bool"), tensor<std::int64_t>({1, 0}));
  EXPECT_EQ(file.find("counter")->item<std::int64_t>(), -7);
  EXPECT_EQ(file.find("empty")->shape(), (Shape{0, 3}));
}

TEST(ExportWeights, FindsTheTensorsWhereverACheckpointHasThem) {
  if (!python_imports("torch, numpy")) GTEST_SKIP() << "no PyTorch under " << python;
  const Scratch scratch;
  ASSERT_EQ(run_python(R"(
import sys, torch
net = torch.nn.Linear(2, 1)
torch.nn.init.constant_(net.bias, 5)
state, optimizer = net.state_dict(), torch.optim.SGD(net.parameters(), 0.1).state_dict()
checkpoints = {"module": net, "script": torch.jit.script(net), "tutorial": {"epoch": 3, "model_state_dict": state,
               "optimizer_state_dict": optimizer}, "other": {"net": net, "acc": torch.tensor([0.5])[0].item()},
               "nested": {"epoch": torch.tensor(3), "state_dict": state}}
for name, checkpoint in checkpoints.items():
    path = sys.argv[1] + "/" + name + ".pth"
    checkpoint.save(path) if name == "script" else torch.save(checkpoint, path)
)",
                       scratch.path.string())
                .code,
            0);
  for (const char* name : {"module", "script", "tutorial", "other", "nested"}) {
    const std::string exported = scratch.file(str(name, ".json"));
    const Outcome result = export_weights(scratch.file(str(name, ".pth")) + ' ' + exported);
    ASSERT_EQ(result.code, 0) << name << result.err;
    const WeightsFile file = read_weights(exported);
    EXPECT_EQ(file.tensors.size(), 2u) << name;
    EXPECT_EQ(file.find("bias")->item(), 5) << name;
  }
}

TEST(ExportWeights, SaysWhatIsWrongAndWritesNothing) {
  if (!python_imports("torch, numpy")) GTEST_SKIP() << "no PyTorch under " << python;
  const Scratch scratch;
  const std::string out = ' ' + scratch.file("out.json");
  const std::string listed = scratch.file("list.pth");
  ASSERT_EQ(run_python("import sys, torch; torch.save([1, 2], sys.argv[1])", listed).code, 0);
  const std::string several = scratch.file("several.pth");
  ASSERT_EQ(
      run_python("import sys, torch; t = {'x': torch.ones(1)}; torch.save({'a': t, 'b': t, 'epoch': 3}, sys.argv[1])",
                 several)
          .code,
      0);
  for (const auto& [checkpoint, words] :
       {std::pair{scratch.file("gone.pth"), "gone.pth"},
        {scratch.file("text.pth", "not a checkpoint"), "text.pth is not a checkpoint that PyTorch reads"},
        {scratch.file("cut.safetensors", "\x7f"), "cut.safetensors is not a safetensors file"},
        {listed, "list.pth holds a list, not a state_dict or a module"},
        {several, "several.pth has tensors under \"a\", \"b\": choose one of them with --key"},
        {several + " --key c", "several.pth has no tensors under \"c\"; its keys are \"a\", \"b\", \"epoch\""}}) {
    const Outcome result = export_weights(checkpoint + out);
    EXPECT_EQ(result.code, 1) << checkpoint;
    EXPECT_THAT(result.err, HasSubstr(words));
    EXPECT_THAT(result.err, testing::Not(HasSubstr("Traceback")));
  }
  EXPECT_EQ(export_weights(listed + out + " --option num_classes=3").code, 2);
  EXPECT_EQ(export_weights(listed + out + " --mean 0 0 0").code, 2);
  EXPECT_EQ(export_weights(listed + ' ' + scratch.file("out.safetensors")).code, 2);
  EXPECT_FALSE(fs::exists(scratch.path / "out.json"));
}

TEST(ExportWeights, SaysThatItNeedsPyTorch) {
  if (!python_imports("sys")) GTEST_SKIP() << "no " << python;
  const Scratch scratch;
  scratch.file("torch.py", "raise ImportError('not here')");
  const Outcome result = shell("PYTHONPATH=" + scratch.path.string() + ' ' + python +
                               " -B " MINNOW_SOURCE_DIR "/tools/export_weights.py net.pth " + scratch.file("net.json"));
  EXPECT_EQ(result.code, 1);
  EXPECT_THAT(result.err, HasSubstr("export_weights: PyTorch is needed under /usr/bin/python3"));
}

// The first block of Python in weights/README.md.
std::string readme_snippet() {
  const std::string readme = text_of(MINNOW_SOURCE_DIR "/weights/README.md"), fence = "```python\n";
  const std::size_t begin = readme.find(fence) + fence.size();
  return readme.substr(begin, readme.find("```\n", begin) - begin);
}

TEST(WeightsReadme, ItsPythonWritesMinnowsFormat) {
  if (!python_imports("numpy")) GTEST_SKIP() << "no NumPy under " << python;
  const Scratch scratch;
  const std::string path = scratch.file("net.json");
  const Outcome result = run_python(R"(
import base64, json, sys
import numpy
arrays = {"fc.bias": numpy.array([1, -2], numpy.float32), "big": numpy.arange(40000, dtype=numpy.int64),
          "counter": numpy.array(468), "empty": numpy.zeros((0, 3), numpy.float32)}
file = open(sys.argv[1], "w")
)" + readme_snippet(),
                                    path);
  ASSERT_EQ(result.code, 0) << result.err;
  const WeightsFile file = read_weights(path);
  EXPECT_EQ(file.tensors.size(), 4u);
  EXPECT_TENSOR_EQ(*file.find("fc.bias"), tensor({1.0f, -2.0f}));
  EXPECT_EQ(file.find("big")->at<std::int64_t>({39'999}), 39'999);
  EXPECT_EQ(file.find("counter")->item<std::int64_t>(), 468);
  EXPECT_EQ(file.find("empty")->shape(), (Shape{0, 3}));
}

// The first `code` in weights/README.md that begins so.
std::string readme_code(const std::string& start) {
  const std::string readme = text_of(MINNOW_SOURCE_DIR "/weights/README.md");
  const std::size_t begin = readme.find(start);
  return readme.substr(begin, readme.find('`', begin) - begin);
}

TEST(WeightsReadme, ItsLineOfPyTorchWritesNestedLists) {
  if (!python_imports("torch")) GTEST_SKIP() << "no PyTorch under " << python;
  const Scratch scratch;
  const std::string path = scratch.file("lists.json");
  const Outcome result = run_python(R"(
import json, sys
import torch
model = torch.nn.BatchNorm2d(2)
f = open(sys.argv[1], "w")
)" + readme_code("json.dump({k: v.tolist()"),
                                    path);
  ASSERT_EQ(result.code, 0) << result.err;
  const WeightsFile file = read_weights(path);
  EXPECT_EQ(file.tensors.size(), 5u);
  EXPECT_TENSOR_EQ(*file.find("running_var"), tensor({1.0f, 1.0f}));
  EXPECT_EQ(file.find("num_batches_tracked")->item<std::int64_t>(), 0);
}

}  // namespace
}  // namespace minnow::test
