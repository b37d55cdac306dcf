// Every error the product can answer, by family: 1xxx request, 2xxx SQL, 3xxx runtime, 4xxx connector and format,
// 5xxx storage, 9xxx bug. error_code.cc maps each to its AWS error name, HTTP status and whether a retry may help.
#pragma once

#include <string_view>

namespace raudal {

enum class ErrorCode : int {
  // 1xxx request
  kValidation = 1001,     // a member violates the model's constraints
  kSerialization = 1002,  // the body is not the JSON that the operation expects
  kUnknownOperation = 1003,
  kUnsupportedOperation = 1004,  // of the model, but not built yet: the message names it
  kMissingAuthentication = 1005,
  kUnrecognizedClient = 1006,  // unknown access key
  kInvalidSignature = 1007,
  kAccessDenied = 1008,
  kResourceNotFound = 1009,
  kResourceInUse = 1010,
  kInvalidArgument = 1011,
  kInvalidRequest = 1012,
  kConcurrentModification = 1013,
  kLimitExceeded = 1014,
  kTooManyTags = 1015,
  kCodeValidation = 1016,
  kInvalidApplicationConfiguration = 1017,
  kRequestTooLarge = 1018,
  kServiceUnavailable = 1019,
  kSignatureExpired = 1020,     // signed too long ago, or by a clock that is wrong
  kIncompleteSignature = 1022,  // a signature that lacks a part
  kExpiredToken = 1023,         // temporary keys after their time
  kInvalidToken = 1024,         // a session token that is not the service's, or not of that key
  kPayloadMismatch = 1021,      // the body is not what its checksum or signature says
  // 2xxx SQL
  kSqlParse = 2001,  // the message ends with line and column, as Flink's does
  kSqlValidation = 2002,
  kSqlUnsupported = 2003,  // Flink has it, we do not yet
  kSqlOption = 2004,       // WITH options: missing, unknown or malformed
  // 3xxx runtime
  kExpression = 3001,  // a row on which an expression fails: division by zero, a bad CAST
  kMemoryLimit = 3002,
  kStateIncompatible = 3003,  // a snapshot that does not fit the program
  kFenced = 3004,             // a successor has taken over; this incarnation must stop
  kCancelled = 3005,
  kTimeout = 3006,
  kEngine = 3007,  // the engine's process failed or answered nonsense
  // 4xxx connector and format
  kDecode = 4001,
  kSourceMissing = 4002,
  kConnector = 4003,
  // 5xxx storage
  kIo = 5001,
  kNotFound = 5002,
  kAlreadyExists = 5003,
  kCorrupt = 5004,  // a checksum or a format version is wrong
  kDiskFull = 5005,
  kMetadata = 5006,
  // 9xxx bug
  kInternal = 9001,
};

// What an ErrorCode becomes at the API.
struct ErrorInfo {
  ErrorCode code;
  std::string_view name;      // ours, for logs: "SqlParse"
  std::string_view aws_name;  // of the response: "InvalidArgumentException"
  int http_status;
  bool retryable;
};

const ErrorInfo& error_info(ErrorCode code);

}  // namespace raudal
