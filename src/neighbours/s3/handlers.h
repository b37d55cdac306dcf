// One function per S3 operation. s3_service.cc holds the table that chooses among them.
#pragma once

#include "neighbours/s3/s3_request.h"

namespace raudal::neighbours::s3 {

using S3Handler = S3Status (*)(S3Context&, S3Request&, net::ResponseWriter&);

// bucket_requests.cc
S3Status list_buckets(S3Context&, S3Request&, net::ResponseWriter&);
S3Status create_bucket(S3Context&, S3Request&, net::ResponseWriter&);
S3Status delete_bucket(S3Context&, S3Request&, net::ResponseWriter&);
S3Status head_bucket(S3Context&, S3Request&, net::ResponseWriter&);
S3Status get_bucket_location(S3Context&, S3Request&, net::ResponseWriter&);
S3Status get_bucket_versioning(S3Context&, S3Request&, net::ResponseWriter&);
S3Status put_bucket_versioning(S3Context&, S3Request&, net::ResponseWriter&);

// list_requests.cc
S3Status list_objects(S3Context&, S3Request&, net::ResponseWriter&);
S3Status list_objects_v2(S3Context&, S3Request&, net::ResponseWriter&);
S3Status list_object_versions(S3Context&, S3Request&, net::ResponseWriter&);

// object_requests.cc
S3Status put_object(S3Context&, S3Request&, net::ResponseWriter&);
S3Status copy_object(S3Context&, S3Request&, net::ResponseWriter&);
S3Status get_object(S3Context&, S3Request&, net::ResponseWriter&);  // and HeadObject
S3Status get_object_tagging(S3Context&, S3Request&, net::ResponseWriter&);
S3Status delete_object(S3Context&, S3Request&, net::ResponseWriter&);
S3Status delete_objects(S3Context&, S3Request&, net::ResponseWriter&);

// multipart_requests.cc
S3Status create_multipart_upload(S3Context&, S3Request&, net::ResponseWriter&);
S3Status upload_part(S3Context&, S3Request&, net::ResponseWriter&);
S3Status upload_part_copy(S3Context&, S3Request&, net::ResponseWriter&);
S3Status list_parts(S3Context&, S3Request&, net::ResponseWriter&);
S3Status list_multipart_uploads(S3Context&, S3Request&, net::ResponseWriter&);
S3Status abort_multipart_upload(S3Context&, S3Request&, net::ResponseWriter&);
S3Status complete_multipart_upload(S3Context&, S3Request&, net::ResponseWriter&);

}  // namespace raudal::neighbours::s3
