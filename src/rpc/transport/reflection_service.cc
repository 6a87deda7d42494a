#include "rpc/transport/reflection_service.h"

#include <memory>
#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "grpc/reflection/v1/reflection.pb.h"
#include "rpc/transport/message_bytes.h"
#include "rpc/transport/server_call.h"

namespace nexus::rpc {
namespace {

namespace pb = google::protobuf;
using grpc::reflection::v1::FileDescriptorResponse;
using grpc::reflection::v1::ServerReflectionRequest;
using grpc::reflection::v1::ServerReflectionResponse;

const pb::DescriptorPool& Pool() { return *pb::DescriptorPool::generated_pool(); }

void SetNotFound(const std::string& what, ServerReflectionResponse& response) {
  response.mutable_error_response()->set_error_code(grpc::StatusCode::NOT_FOUND);
  response.mutable_error_response()->set_error_message(absl::StrCat("there is no ", what));
}

// One call: a question, its answer, the next question.
class ReflectionReactor final : public CallReactor {
 public:
  ReflectionReactor(ServerCall& call, std::shared_ptr<const std::vector<std::string>> services)
      : call_(call), services_(std::move(services)) {}

  void Begin() { call_.StartRead(&request_); }

  void OnReadDone(bool ok) override {
    ServerReflectionRequest request;
    if (!ok) {
      End(grpc::Status::OK);
    } else if (!FromBytes(request_, request)) {
      End(grpc::Status(grpc::StatusCode::INVALID_ARGUMENT,
                       "the request is not a grpc.reflection.v1.ServerReflectionRequest"));
    } else {
      call_.StartWrite(ToBytes(Answer(request)));
    }
  }

  void OnWriteDone(bool ok) override {
    if (ok) {
      call_.StartRead(&request_);
    } else {
      End(grpc::Status(grpc::StatusCode::CANCELLED, "the client has gone"));
    }
  }

 private:
  void End(const grpc::Status& status) { call_.Finish(status); }

  ServerReflectionResponse Answer(const ServerReflectionRequest& request) {
    ServerReflectionResponse response;
    response.set_valid_host(request.host());
    *response.mutable_original_request() = request;
    switch (request.message_request_case()) {
      case ServerReflectionRequest::kListServices:
        for (const std::string& service : *services_) {
          response.mutable_list_services_response()->add_service()->set_name(service);
        }
        break;
      case ServerReflectionRequest::kFileByFilename:
        AddFile(Pool().FindFileByName(request.file_by_filename()),
                absl::StrCat("file ", request.file_by_filename()), response);
        break;
      case ServerReflectionRequest::kFileContainingSymbol:
        AddFile(Pool().FindFileContainingSymbol(request.file_containing_symbol()),
                absl::StrCat("symbol ", request.file_containing_symbol()), response);
        break;
      case ServerReflectionRequest::kFileContainingExtension:
        AddExtension(request.file_containing_extension(), response);
        break;
      case ServerReflectionRequest::kAllExtensionNumbersOfType:
        AddExtensionNumbers(request.all_extension_numbers_of_type(), response);
        break;
      default:
        response.mutable_error_response()->set_error_code(grpc::StatusCode::INVALID_ARGUMENT);
        response.mutable_error_response()->set_error_message("the request asks for nothing");
    }
    return response;
  }

  void AddFile(const pb::FileDescriptor* file, const std::string& what,
               ServerReflectionResponse& response) {
    if (file == nullptr) return SetNotFound(what, response);
    // What was asked for comes again, also if an earlier answer has had it.
    sent_.erase(file);
    AddWithImports(*file, *response.mutable_file_descriptor_response());
  }

  // What an earlier answer of this call has had is left out.
  void AddWithImports(const pb::FileDescriptor& file, FileDescriptorResponse& response) {
    if (!sent_.insert(&file).second) return;
    pb::FileDescriptorProto proto;
    file.CopyTo(&proto);
    response.add_file_descriptor_proto(proto.SerializeAsString());
    for (int i = 0; i < file.dependency_count(); ++i) AddWithImports(*file.dependency(i), response);
  }

  void AddExtension(const grpc::reflection::v1::ExtensionRequest& request,
                    ServerReflectionResponse& response) {
    const pb::Descriptor* type = Pool().FindMessageTypeByName(request.containing_type());
    const pb::FieldDescriptor* extension =
        type == nullptr ? nullptr : Pool().FindExtensionByNumber(type, request.extension_number());
    AddFile(
        extension == nullptr ? nullptr : extension->file(),
        absl::StrCat("extension ", request.extension_number(), " of ", request.containing_type()),
        response);
  }

  static void AddExtensionNumbers(const std::string& name, ServerReflectionResponse& response) {
    const pb::Descriptor* type = Pool().FindMessageTypeByName(name);
    if (type == nullptr) return SetNotFound(absl::StrCat("message ", name), response);
    std::vector<const pb::FieldDescriptor*> extensions;
    Pool().FindAllExtensions(type, &extensions);
    auto& answer = *response.mutable_all_extension_numbers_response();
    answer.set_base_type_name(name);
    for (const pb::FieldDescriptor* extension : extensions) {
      answer.add_extension_number(extension->number());
    }
  }

  ServerCall& call_;
  const std::shared_ptr<const std::vector<std::string>> services_;
  grpc::ByteBuffer request_;
  std::unordered_set<const pb::FileDescriptor*> sent_;
};

}  // namespace

void AddReflection(std::vector<std::string> services, MethodTable& table) {
  const auto shared = std::make_shared<const std::vector<std::string>>(std::move(services));
  const Method method = {[shared](ServerCall& call, const grpc::ByteBuffer&) {
                           auto reactor = std::make_shared<ReflectionReactor>(call, shared);
                           call.Attach(reactor);
                           reactor->Begin();
                         },
                         true};
  // The two differ in their names only.
  table.Add("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo", method);
  table.Add("grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo", method);
}

}  // namespace nexus::rpc
