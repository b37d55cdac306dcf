#include "base/error_code.h"

#include "base/check.h"

namespace raudal {
namespace {

constexpr std::string_view kCfg = "InvalidApplicationConfigurationException";
constexpr std::string_view kUnavailable = "ServiceUnavailableException";

constexpr ErrorInfo kErrors[] = {
    {ErrorCode::kValidation, "Validation", "ValidationException", 400, false},
    {ErrorCode::kSerialization, "Serialization", "SerializationException", 400, false},
    {ErrorCode::kUnknownOperation, "UnknownOperation", "UnknownOperationException", 400, false},
    {ErrorCode::kUnsupportedOperation, "UnsupportedOperation", "UnsupportedOperationException", 400, false},
    {ErrorCode::kMissingAuthentication, "MissingAuthentication", "MissingAuthenticationTokenException", 403, false},
    {ErrorCode::kUnrecognizedClient, "UnrecognizedClient", "UnrecognizedClientException", 403, false},
    {ErrorCode::kInvalidSignature, "InvalidSignature", "InvalidSignatureException", 403, false},
    {ErrorCode::kAccessDenied, "AccessDenied", "AccessDeniedException", 403, false},
    {ErrorCode::kResourceNotFound, "ResourceNotFound", "ResourceNotFoundException", 400, false},
    {ErrorCode::kResourceInUse, "ResourceInUse", "ResourceInUseException", 400, false},
    {ErrorCode::kInvalidArgument, "InvalidArgument", "InvalidArgumentException", 400, false},
    {ErrorCode::kInvalidRequest, "InvalidRequest", "InvalidRequestException", 400, false},
    {ErrorCode::kConcurrentModification, "ConcurrentModification", "ConcurrentModificationException", 409, true},
    {ErrorCode::kLimitExceeded, "LimitExceeded", "LimitExceededException", 400, false},
    {ErrorCode::kTooManyTags, "TooManyTags", "TooManyTagsException", 400, false},
    {ErrorCode::kCodeValidation, "CodeValidation", "CodeValidationException", 400, false},
    {ErrorCode::kInvalidApplicationConfiguration, "InvalidApplicationConfiguration", kCfg, 400, false},
    {ErrorCode::kRequestTooLarge, "RequestTooLarge", "RequestEntityTooLargeException", 413, false},
    {ErrorCode::kServiceUnavailable, "ServiceUnavailable", kUnavailable, 503, true},
    {ErrorCode::kSignatureExpired, "SignatureExpired", "InvalidSignatureException", 403, false},
    {ErrorCode::kIncompleteSignature, "IncompleteSignature", "IncompleteSignatureException", 400, false},
    {ErrorCode::kExpiredToken, "ExpiredToken", "ExpiredTokenException", 403, false},
    {ErrorCode::kInvalidToken, "InvalidToken", "UnrecognizedClientException", 403, false},
    {ErrorCode::kPayloadMismatch, "PayloadMismatch", "InvalidSignatureException", 400, false},
    {ErrorCode::kSqlParse, "SqlParse", kCfg, 400, false},
    {ErrorCode::kSqlValidation, "SqlValidation", kCfg, 400, false},
    {ErrorCode::kSqlUnsupported, "SqlUnsupported", kCfg, 400, false},
    {ErrorCode::kSqlOption, "SqlOption", kCfg, 400, false},
    {ErrorCode::kExpression, "Expression", kCfg, 400, false},
    {ErrorCode::kMemoryLimit, "MemoryLimit", kCfg, 400, true},
    {ErrorCode::kStateIncompatible, "StateIncompatible", kCfg, 400, false},
    {ErrorCode::kFenced, "Fenced", kUnavailable, 503, false},
    {ErrorCode::kCancelled, "Cancelled", kUnavailable, 503, true},
    {ErrorCode::kTimeout, "Timeout", kUnavailable, 503, true},
    {ErrorCode::kEngine, "Engine", kUnavailable, 503, true},
    {ErrorCode::kDecode, "Decode", kCfg, 400, false},
    {ErrorCode::kSourceMissing, "SourceMissing", kCfg, 400, false},
    {ErrorCode::kConnector, "Connector", kCfg, 400, true},
    {ErrorCode::kIo, "Io", kUnavailable, 503, true},
    {ErrorCode::kNotFound, "NotFound", "ResourceNotFoundException", 400, false},
    {ErrorCode::kAlreadyExists, "AlreadyExists", "ResourceInUseException", 400, false},
    {ErrorCode::kCorrupt, "Corrupt", kUnavailable, 503, false},
    {ErrorCode::kDiskFull, "DiskFull", kUnavailable, 503, true},
    {ErrorCode::kMetadata, "Metadata", kUnavailable, 503, true},
    {ErrorCode::kInternal, "Internal", "InternalFailure", 500, true},
};

}  // namespace

const ErrorInfo& error_info(ErrorCode code) {
  for (const ErrorInfo& info : kErrors) {
    if (info.code == code) return info;
  }
  check_failed("every ErrorCode stands in the table", __FILE__, __LINE__);
}

}  // namespace raudal
