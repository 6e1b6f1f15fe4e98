#include <chrono>
#include <functional>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include <minnow/compile.h>
#include <minnow/core/threads.h>
#include <minnow/io/image.h>
#include <minnow/zoo/classifier.h>

#include "commands.h"
#include "pictures.h"
#include "progress.h"
#include "weights.h"

namespace minnow::tool {
namespace {

using Json = nlohmann::ordered_json;

struct ClassifyOptions {
  std::vector<std::string> pictures;
  std::string weights, model;
  std::size_t top = 5;
  int threads = 0;
  bool json = false, exif_orientation = false;
};

struct Result {
  std::string picture;
  std::vector<zoo::Prediction> predictions = {};
  double seconds = 0.0;
  std::string error = {};  // what is wrong with the picture, if anything
};

// From so many pictures on, compiling saves more time than it takes.
constexpr std::size_t kManyPictures = 8;

using Model = std::function<Tensor(const Tensor&)>;

Model model_of(zoo::Classifier& classifier, std::size_t pictures) {
  if (pictures >= kManyPictures) return compile(std::move(classifier.model));
  return [&classifier](const Tensor& x) { return classifier.model(x); };
}

Result classify(const zoo::Classifier& classifier, const Model& model, const std::filesystem::path& picture,
                const ClassifyOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  Result result{picture.string()};
  std::string where;
  try {
    // Its errors name the picture.
    const Image image = read_image(picture, {.exif_orientation = options.exif_orientation});
    where = picture.string() + ": ";
    result.predictions = classifier.predictions(model(preprocess(image, classifier.preset)), options.top).front();
  } catch (const std::exception& error) {
    result.error = where + error.what();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return result;
}

void print(const Result& result) {
  std::printf("%s  (%.3f s)\n", result.picture.c_str(), result.seconds);
  for (const auto& [label, probability] : result.predictions) {
    std::printf("  %6.2f %%  %s\n", 100.0 * static_cast<double>(probability), label.c_str());
  }
}

Json to_json(const Result& result) {
  Json json = {{"picture", result.picture}};
  try {
    (void)json.dump();
  } catch (const Json::type_error&) {  // not UTF-8: written with marks in place of what JSON cannot hold
    json["picture_bytes"] = std::vector<std::uint8_t>(result.picture.begin(), result.picture.end());
  }
  if (!result.error.empty()) {
    json["error"] = result.error;
    return json;
  }
  json["seconds"] = result.seconds;
  json["predictions"] = Json::array();
  for (const auto& [label, probability] : result.predictions) {
    json["predictions"].push_back({{"label", label}, {"probability", probability}});
  }
  return json;
}

void classify(const ClassifyOptions& options) {
  if (options.threads > 0) set_num_threads(options.threads);
  const Pictures pictures = find_pictures(options.pictures);
  const auto weights = options.weights.empty() ? default_weights() : std::filesystem::path(options.weights);
  zoo::Classifier classifier = zoo::open(weights, {.model = options.model});
  const Model model = model_of(classifier, pictures.files.size());
  Json all = Json::array();
  bool complete = true;
  const auto show = [&](const Result& result) {
    if (!result.error.empty()) {
      std::cerr << "minnow: " << result.error << '\n';
      complete = false;
    } else if (!options.json) {
      print(result);
    }
    if (options.json) all.push_back(to_json(result));
  };
  for (const auto& [argument, error] : pictures.errors) show({.picture = argument, .error = error});
  Progress progress(pictures.files.size());
  for (std::size_t i = 0; i < pictures.files.size(); ++i) {
    progress.show(i);
    const Result result = classify(classifier, model, pictures.files[i], options);
    progress.clear();
    show(result);
  }
  if (options.json) std::cout << all.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
  if (!complete) throw Incomplete();
}

}  // namespace

void add_classify(CLI::App& program) {
  CLI::App* command = program.add_subcommand("classify", "Say what is in pictures");
  const auto options = std::make_shared<ClassifyOptions>();
  command->add_option("PICTURE", options->pictures, "JPEG or PNG files, or folders of them")->required();
  command->add_option("--weights", options->weights, "A file of weights; if not given, a ResNet-20 for CIFAR-10")
      ->check([](const std::string& path) { return path.empty() ? "the name of the file is empty" : ""; });
  command->add_option("--model", options->model, "The model, for weights that do not name it (minnow list)");
  command->add_option("--top", options->top, "How many classes to show")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000));
  command->add_option("--threads", options->threads, "How many threads to use; if not given, all there are")
      ->check(CLI::Range(1, max_threads));
  command->add_flag("--exif-orientation", options->exif_orientation,
                    "Turn pictures as their camera noted; torchvision takes them as they are stored");
  command->add_flag("--json", options->json, "Write JSON instead of a table");
  command->callback([options] { classify(*options); });
}

}  // namespace minnow::tool
