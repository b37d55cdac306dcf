#include "neighbours/s3/s3_error.h"

namespace raudal::neighbours::s3 {
namespace {

constexpr S3CodeInfo kCodes[] = {
    {S3Code::kAccessDenied, "AccessDenied", 403, "Access Denied"},
    {S3Code::kAuthorizationHeaderMalformed, "AuthorizationHeaderMalformed", 400,
     "The authorization header is malformed."},
    {S3Code::kBadDigest, "BadDigest", 400, "The Content-MD5 you specified did not match what we received."},
    {S3Code::kBucketAlreadyOwnedByYou, "BucketAlreadyOwnedByYou", 409,
     "Your previous request to create the named bucket succeeded and you already own it."},
    {S3Code::kBucketNotEmpty, "BucketNotEmpty", 409, "The bucket you tried to delete is not empty."},
    {S3Code::kEntityTooLarge, "EntityTooLarge", 400, "Your proposed upload exceeds the maximum allowed size"},
    {S3Code::kEntityTooSmall, "EntityTooSmall", 400, "Your proposed upload is smaller than the minimum allowed size"},
    {S3Code::kExpiredToken, "ExpiredToken", 400, "The provided token has expired."},
    {S3Code::kIllegalVersioningConfiguration, "IllegalVersioningConfigurationException", 400,
     "The Versioning element must be specified"},
    {S3Code::kIncompleteBody, "IncompleteBody", 400,
     "You did not provide the number of bytes specified by the Content-Length HTTP header."},
    {S3Code::kInternalError, "InternalError", 500, "We encountered an internal error. Please try again."},
    {S3Code::kInvalidAccessKeyId, "InvalidAccessKeyId", 403,
     "The AWS Access Key Id you provided does not exist in our records."},
    {S3Code::kInvalidArgument, "InvalidArgument", 400, "Invalid Argument"},
    {S3Code::kInvalidBucketName, "InvalidBucketName", 400, "The specified bucket is not valid."},
    {S3Code::kInvalidDigest, "InvalidDigest", 400, "The Content-MD5 you specified was invalid."},
    {S3Code::kInvalidPart, "InvalidPart", 400,
     "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified "
     "entity tag may not match the part's entity tag."},
    {S3Code::kInvalidPartOrder, "InvalidPartOrder", 400,
     "The list of parts was not in ascending order. Parts must be ordered by part number."},
    {S3Code::kInvalidRange, "InvalidRange", 416, "The requested range is not satisfiable"},
    {S3Code::kInvalidRequest, "InvalidRequest", 400, "Invalid Request"},
    {S3Code::kInvalidToken, "InvalidToken", 400, "The provided token is malformed or otherwise invalid."},
    {S3Code::kInvalidUri, "InvalidURI", 400, "Couldn't parse the specified URI."},
    {S3Code::kKeyTooLong, "KeyTooLongError", 400, "Your key is too long"},
    {S3Code::kMalformedXml, "MalformedXML", 400,
     "The XML you provided was not well-formed or did not validate against our published schema"},
    {S3Code::kMetadataTooLarge, "MetadataTooLarge", 400,
     "Your metadata headers exceed the maximum allowed metadata size"},
    {S3Code::kMethodNotAllowed, "MethodNotAllowed", 405, "The specified method is not allowed against this resource."},
    {S3Code::kMissingContentLength, "MissingContentLength", 411, "You must provide the Content-Length HTTP header."},
    {S3Code::kNoSuchBucket, "NoSuchBucket", 404, "The specified bucket does not exist"},
    {S3Code::kNoSuchKey, "NoSuchKey", 404, "The specified key does not exist."},
    {S3Code::kNoSuchUpload, "NoSuchUpload", 404,
     "The specified upload does not exist. The upload ID may be invalid, or the upload may have been aborted or "
     "completed."},
    {S3Code::kNoSuchVersion, "NoSuchVersion", 404, "The specified version does not exist."},
    {S3Code::kNotImplemented, "NotImplemented", 501,
     "A header you provided implies functionality that is not implemented"},
    {S3Code::kNotModified, "NotModified", 304, "Not Modified"},
    {S3Code::kPreconditionFailed, "PreconditionFailed", 412,
     "At least one of the pre-conditions you specified did not hold"},
    {S3Code::kRequestTimeTooSkewed, "RequestTimeTooSkewed", 403,
     "The difference between the request time and the current time is too large."},
    {S3Code::kRequestTimeout, "RequestTimeout", 400,
     "Your socket connection to the server was not read from or written to within the timeout period."},
    {S3Code::kSignatureDoesNotMatch, "SignatureDoesNotMatch", 403,
     "The request signature we calculated does not match the signature you provided. Check your key and signing "
     "method."},
    {S3Code::kSlowDown, "SlowDown", 503, "Please reduce your request rate."},
    {S3Code::kXAmzContentSha256Mismatch, "XAmzContentSHA256Mismatch", 400,
     "The provided 'x-amz-content-sha256' header does not match what was computed."},
};

// What an error from below is to a client of S3.
S3Code code_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kMissingAuthentication:
    case ErrorCode::kAccessDenied: return S3Code::kAccessDenied;
    case ErrorCode::kUnrecognizedClient: return S3Code::kInvalidAccessKeyId;
    case ErrorCode::kExpiredToken: return S3Code::kExpiredToken;
    case ErrorCode::kInvalidToken: return S3Code::kInvalidToken;
    case ErrorCode::kInvalidSignature: return S3Code::kSignatureDoesNotMatch;
    case ErrorCode::kIncompleteSignature: return S3Code::kAuthorizationHeaderMalformed;
    case ErrorCode::kSignatureExpired: return S3Code::kRequestTimeTooSkewed;
    case ErrorCode::kPayloadMismatch: return S3Code::kXAmzContentSha256Mismatch;
    case ErrorCode::kRequestTooLarge: return S3Code::kEntityTooLarge;
    case ErrorCode::kInvalidRequest: return S3Code::kInvalidRequest;
    case ErrorCode::kInvalidArgument: return S3Code::kInvalidArgument;
    case ErrorCode::kTimeout: return S3Code::kRequestTimeout;
    default: return S3Code::kInternalError;
  }
}

bool keeps_its_words(ErrorCode code) {
  return code != ErrorCode::kMissingAuthentication && code != ErrorCode::kUnrecognizedClient &&
         code != ErrorCode::kExpiredToken && code != ErrorCode::kInvalidToken && code != ErrorCode::kPayloadMismatch &&
         code != ErrorCode::kSignatureExpired;
}

}  // namespace

const S3CodeInfo& s3_code_info(S3Code code) {
  for (const S3CodeInfo& info : kCodes) {
    if (info.code == code) return info;
  }
  check_failed("every S3Code stands in the table", __FILE__, __LINE__);
}

S3Failure::S3Failure(const Error& error)
    : code(code_of(error.code())),
      message(keeps_its_words(error.code()) ? error.message() : std::string(s3_code_info(code).message)) {}

}  // namespace raudal::neighbours::s3
